import { nowMs } from '../../client/clock.ts'
import type { Scene } from './scene.ts'

/** Tells in a loop how far a step is, and no oftener than that. `lastAt`: when it was told last; default now. */
export function pacedBeat(
  { beat }: Scene,
  everyMs: number,
  lastAt = nowMs(),
): (note: () => string) => Promise<void> {
  let at = lastAt
  return async (note) => {
    const now = nowMs()
    if (now - at <= everyMs) return
    at = now
    await beat(note())
  }
}
