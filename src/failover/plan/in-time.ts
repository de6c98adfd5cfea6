import { systemClock } from '../../base/clock.ts'
import type { FailoverPlan } from './plan.ts'

/** A link that starts has raised producer ids after some twenty seconds, on a machine that is busy later. */
const WAIT_MS = 60_000
const LOOK_EVERY_MS = 400

/**
 * The first plan, or a later one where all that speaks against it goes away by itself: a link that has just been
 * started or turned round.
 */
export async function planInTime(
  first: FailoverPlan,
  again: () => Promise<FailoverPlan>,
  { signal, onWait }: { readonly signal: AbortSignal; readonly onWait: (why: string) => void },
): Promise<FailoverPlan> {
  const deadline = systemClock.now() + WAIT_MS
  let told = ''
  for (let plan = first; ; plan = await again()) {
    const { refusals } = plan
    const isWaiting = refusals.length > 0 && refusals.every(({ passes }) => passes)
    if (!isWaiting || signal.aborted || systemClock.now() > deadline) return plan
    const why = refusals.map(({ what }) => what).join('; ')
    if (why !== told) onWait(why)
    told = why
    await systemClock.sleep(LOOK_EVERY_MS, signal)
  }
}
