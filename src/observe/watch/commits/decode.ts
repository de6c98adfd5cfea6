/** A position as it was written to `__consumer_offsets`; `offset` null: the broker has let it go. */
export type LoggedCommit = {
  readonly groupId: string
  readonly topic: string
  readonly partition: number
  readonly offset: number | null
  /** When the coordinator took it, in milliseconds, a little before it stood in the log; null: not told. */
  readonly committedAt: number | null
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
  if (value === null) return { ...named, offset: null, committedAt: null }
  if (value.length < VALUE_BYTES_MIN) return null
  const offset = Number(value.readBigInt64BE(2))
  if (!Number.isSafeInteger(offset) || offset < 0) return null
  return { ...named, offset, committedAt: committedAt(value) }
}

const LEADER_EPOCH_FROM = 3
const FLEXIBLE_FROM = 4

/** Behind the offset come the leader's epoch (from version 3 on), the client's own words, and then the time. */
function committedAt(value: Buffer): number | null {
  const version = value.readInt16BE(0)
  const words = VALUE_BYTES_MIN + (version >= LEADER_EPOCH_FROM ? 4 : 0)
  const at = version >= FLEXIBLE_FROM ? endOfCompact(value, words) : (textAt(value, words)?.end ?? null)
  if (at === null || at + 8 > value.length) return null
  const time = Number(value.readBigInt64BE(at))
  return Number.isSafeInteger(time) && time > 0 ? time : null
}

/** Behind a text whose length, one more than it is, stands before it in at most two bytes of seven bits each. */
function endOfCompact(bytes: Buffer, at: number): number | null {
  const low = bytes[at]
  if (low === undefined) return null
  const high = low < 0x80 ? 0 : bytes[at + 1]
  if (high === undefined || high >= 0x80) return null
  const length = (low & 0x7f) + (high << 7) - 1
  return length < 0 ? null : at + (low < 0x80 ? 1 : 2) + length
}

function textAt(bytes: Buffer, at: number): { text: string; end: number } | null {
  if (at + 2 > bytes.length) return null
  const end = at + 2 + bytes.readInt16BE(at)
  return end < at + 2 || end > bytes.length ? null : { text: bytes.toString('utf8', at + 2, end), end }
}
