import { failoverError } from '../../errors.ts'
import type { Step } from '../scene.ts'

const FIRST_ANSWER_MS = 30_000

/** A client of our own has written through the route since before the switch: it must get through now. */
export const probe: Step = async (scene) => {
  if (scene.probe === null) return 'no client of our own is let in through the route'
  try {
    await scene.probe.nextAcknowledged(FIRST_ANSWER_MS)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw failoverError('FAILOVER_NOT_SERVING', `route ${scene.course.route} takes no records: ${why}`, {
      cause,
    })
  }
  scene.memo = { ...scene.memo, probe: scene.probe.seen }
  return `a client of the route waited ${scene.probe.seen.longestMs} ms at most`
}
