/** Where the records of a key go: the partition that Kafka's Java clients choose (BuiltInPartitioner). */
export function partitionOfKey(key: Buffer, partitionCount: number): number {
  return (murmur2(key) & 0x7f_ff_ff_ff) % partitionCount
}

const SEED = 0x97_47_b2_8c
const MIX = 0x5b_d1_e9_95

/** org.apache.kafka.common.utils.Utils.murmur2, as a signed number of 32 bits. */
function murmur2(bytes: Buffer): number {
  const whole = bytes.length - (bytes.length % 4)
  let hash = SEED ^ bytes.length
  for (let at = 0; at < whole; at += 4) {
    let part = Math.imul(bytes.readInt32LE(at), MIX)
    part = Math.imul(part ^ (part >>> 24), MIX)
    hash = Math.imul(hash, MIX) ^ part
  }
  const rest = bytes.length - whole
  if (rest >= 3) hash ^= bytes[whole + 2]! << 16
  if (rest >= 2) hash ^= bytes[whole + 1]! << 8
  if (rest >= 1) hash = Math.imul(hash ^ bytes[whole]!, MIX)
  hash = Math.imul(hash ^ (hash >>> 13), MIX)
  return hash ^ (hash >>> 15)
}
