/** Bytes that `value`, zigzag-encoded as Kafka's record fields are, takes; any safe integer. */
export function zigzagSize(value: number): number {
  if (value >= -64 && value < 64) return 1
  let size = 1
  for (let rest = zigzag(value); rest >= 128; rest = Math.floor(rest / 128)) size++
  return size
}

/** Writes a zigzag varint (protobuf's, used inside record batches) and gives the position behind it. */
export function putZigzag(bytes: Buffer, at: number, value: number): number {
  let rest = zigzag(value)
  while (rest >= 128) {
    bytes[at++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  bytes[at] = rest
  return at + 1
}

/** Below 2^52 in magnitude the doubled value is exact; offsets, deltas and lengths all are. */
function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value
}
