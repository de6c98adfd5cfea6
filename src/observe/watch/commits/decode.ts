/** A position as it was written to `__consumer_offsets`; `offset` null: the broker has let it go. */
export type LoggedCommit = {
  readonly groupId: string
  readonly topic: string
  readonly partition: number
  readonly offset: number | null
}

/** Keys of versions 0 and 1 are positions, higher ones describe groups (OffsetCommitKey.json). */
const KEY_VERSION_MAX = 1
/** All versions of the value begin with the offset (OffsetCommitValue.json, 0 to 4). */
const VALUE_BYTES_MIN = 10

/** Reads one record of `__consumer_offsets`; null for what is no position, or not as we know it. */
export function decodeCommit(key: Buffer | null, value: Buffer | null): LoggedCommit | null {
  if (key === null || key.length < 2 || key.readInt16BE(0) > KEY_VERSION_MAX) return null
  const group = textAt(key, 2)
  const topic = group === null ? null : textAt(key, group.end)
  if (group === null || topic === null || topic.end + 4 !== key.length) return null
  const partition = key.readInt32BE(topic.end)
  const named = { groupId: group.text, topic: topic.text, partition }
  if (value === null) return { ...named, offset: null }
  if (value.length < VALUE_BYTES_MIN) return null
  const offset = Number(value.readBigInt64BE(2))
  return Number.isSafeInteger(offset) && offset >= 0 ? { ...named, offset } : null
}

function textAt(bytes: Buffer, at: number): { text: string; end: number } | null {
  if (at + 2 > bytes.length) return null
  const end = at + 2 + bytes.readInt16BE(at)
  return end < at + 2 || end > bytes.length ? null : { text: bytes.toString('utf8', at + 2, end), end }
}
