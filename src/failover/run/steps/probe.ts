import { failoverError } from '../../errors.ts'
import { addNotes, type Step } from '../scene.ts'

const FIRST_ANSWER_MS = 30_000

/**
 * A client of our own has written and read through the route since before the switch: it must get through now. One
 * that was never let in proves nothing, and the receipt says so.
 */
export const probe: Step = async (scene) => {
  const { probe: client, course, memo } = scene
  if (client === null) return 'no client of our own is let in through the route'
  const isThrough = await client.comesThrough(FIRST_ANSWER_MS)
  const { lastTrouble, longestMs, ...counts } = client.seen
  if (!isThrough && client.isLockedOut) {
    const text = `the time that clients waited was not measured, as a client of kmc is not let in: ${lastTrouble}`
    addNotes(scene, text)
    return text
  }
  if (!isThrough) {
    const message = `route ${course.route} takes no records: ${lastTrouble ?? 'no answer'}`
    throw failoverError('FAILOVER_NOT_SERVING', message)
  }
  // Of a run that somebody went on with the probe has seen the end alone.
  const heldMs = memo.heldFrom === null || memo.heldTo === null ? 0 : memo.heldTo - memo.heldFrom
  const seen = { ...counts, lastTrouble, longestMs: Math.max(longestMs, heldMs) }
  scene.memo = { ...memo, probe: seen }
  return `a client of the route waited ${seen.longestMs} ms at most`
}
