import { systemClock } from '../../base/clock.ts'
import type { FailoverPlan } from '../../failover/plan/plan.ts'
import type { CommandContext } from '../command.ts'
import { printable } from '../terminal/text-width.ts'

/** A link that starts has raised producer ids after some twenty seconds, on a machine that is busy later. */
const WAIT_MS = 60_000
const LOOK_EVERY_MS = 400

/**
 * The first plan, or a later one where all that speaks against it goes away by itself: a link that has just been
 * started or turned round.
 */
export async function planInTime(
  { out, signal }: Pick<CommandContext, 'out' | 'signal'>,
  first: FailoverPlan,
  again: () => Promise<FailoverPlan>,
): Promise<FailoverPlan> {
  const deadline = systemClock.now() + WAIT_MS
  let told = ''
  for (let plan = first; ; plan = await again()) {
    const { refusals } = plan
    const isWaiting = refusals.length > 0 && refusals.every(({ passes }) => passes)
    if (!isWaiting || signal.aborted || systemClock.now() > deadline) return plan
    const why = refusals.map(({ what }) => printable(what)).join('; ')
    if (why !== told) out.note(`waiting, as it goes away by itself: ${why}`)
    told = why
    await systemClock.sleep(LOOK_EVERY_MS, signal)
  }
}
