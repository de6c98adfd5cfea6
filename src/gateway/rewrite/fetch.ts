import { Fetch } from '../../wire/apis/001-fetch.ts'
import { rewriting } from './rewrite.ts'

const RACK_FROM = 11

/**
 * Without a rack the broker names no replica to read from (KIP-392), whose id would stand in the middle of an answer
 * that is not looked at.
 */
export const fetchWithoutRack = rewriting(Fetch, {
  request(body) {
    body.rackId = ''
  },
})

/** Whether a Fetch request names a rack: it is the last field, before the tags of version 12. */
export function namesRack(frame: Buffer, version: number): boolean {
  if (version < RACK_FROM) return false
  const isEmpty = version === RACK_FROM ? frame.readInt16BE(frame.length - 2) === 0 : hasEmptyEnd(frame)
  return !isEmpty
}

/** An empty compact text (1) and no tags (0). */
function hasEmptyEnd(frame: Buffer): boolean {
  return frame[frame.length - 1] === 0 && frame[frame.length - 2] === 1
}
