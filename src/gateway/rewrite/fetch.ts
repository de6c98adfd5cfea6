import { Fetch } from '../../wire/apis/001-fetch.ts'
import { rewriting } from './rewrite.ts'

const RACK_FROM = 11
const EPOCHS_FROM = 9
const FLEXIBLE_FROM = 12
const CLIENT_ID_AT = 12
/** Replica, waits, sizes, isolation and session, which come before the topics. */
const BEFORE_TOPICS_BYTES = 25
const NO_EPOCH = -1

/**
 * Without a rack the broker names no replica to read from (KIP-392), whose id would stand in the middle of an answer
 * that is not looked at. And clients that know no leader epoch, as all do here, must not say that it is 0: librdkafka
 * does so since 2.1, and is refused by every leader that was ever elected (FENCED_LEADER_EPOCH), without a word to the
 * application.
 */
export const plainFetch = rewriting(Fetch, {
  request(body) {
    body.rackId = ''
    for (const { partitions } of body.topics)
      for (const partition of partitions) partition.currentLeaderEpoch = NO_EPOCH
  },
})

/** Whether a Fetch request has to be changed. Looks at two places: the rack, and the first epoch. */
export function needsChange(frame: Buffer, version: number): boolean {
  return namesRack(frame, version) || (version >= EPOCHS_FROM && namesEpoch(frame, version))
}

/** The rack is the last field, before the tags of version 12. */
function namesRack(frame: Buffer, version: number): boolean {
  if (version < RACK_FROM) return false
  const isEmpty = version === RACK_FROM ? frame.readInt16BE(frame.length - 2) === 0 : hasEmptyEnd(frame)
  return !isEmpty
}

/** An empty compact text (1) and no tags (0). */
function hasEmptyEnd(frame: Buffer): boolean {
  return frame[frame.length - 1] === 0 && frame[frame.length - 2] === 1
}

/** Whether the first partition bears a leader epoch; a client treats all of them alike. */
function namesEpoch(frame: Buffer, version: number): boolean {
  const isFlexible = version >= FLEXIBLE_FROM
  const clientIdBytes = Math.max(0, frame.readInt16BE(CLIENT_ID_AT))
  // Header tags: whoever sends some is decoded whole, which refuses what it cannot read.
  const tagsAt = CLIENT_ID_AT + 2 + clientIdBytes
  if (isFlexible && frame[tagsAt] !== 0) return true
  const topicsAt = tagsAt + (isFlexible ? 1 : 0) + BEFORE_TOPICS_BYTES
  const epochAt = isFlexible ? firstEpochCompact(frame, topicsAt) : firstEpochPlain(frame, topicsAt)
  return epochAt !== null && epochAt + 4 <= frame.length && frame.readInt32BE(epochAt) !== NO_EPOCH
}

/** Where it stands; null where no topic or no partition is named. */
function firstEpochPlain(frame: Buffer, topicsAt: number): number | null {
  if (frame.readInt32BE(topicsAt) <= 0) return null
  const partitionsAt = topicsAt + 6 + frame.readInt16BE(topicsAt + 4)
  return frame.readInt32BE(partitionsAt) <= 0 ? null : partitionsAt + 8
}

function firstEpochCompact(frame: Buffer, topicsAt: number): number | null {
  const topics = unsignedVarint(frame, topicsAt)
  if (topics.value <= 1) return null
  const name = unsignedVarint(frame, topics.end)
  const partitions = unsignedVarint(frame, name.end + Math.max(0, name.value - 1))
  return partitions.value <= 1 ? null : partitions.end + 4
}

function unsignedVarint(frame: Buffer, at: number): { readonly value: number; readonly end: number } {
  let value = 0
  for (let shift = 0; shift <= 28; shift += 7) {
    const byte = frame.readUInt8(at++)
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return { value, end: at }
  }
  throw new RangeError('a length of more than five bytes')
}
