import { systemClock } from '../../base/clock.ts'
import type { PlanWish } from '../../failover/plan/facts.ts'
import { planFailover } from '../../failover/plan/make-plan.ts'
import type { FailoverPlan } from '../../failover/plan/plan.ts'
import type { PlanTarget } from '../../failover/plan/read/facts.ts'
import type { CommandContext } from '../command.ts'
import { printable } from '../terminal/text-width.ts'

/** A link that starts has raised producer ids after some twenty seconds, on a machine that is busy later. */
const WAIT_MS = 60_000
const LOOK_EVERY_MS = 1_000

/**
 * A plan for now, or for as soon as nothing speaks against it but what goes away by itself: a link that has just been
 * started or turned round.
 */
export async function planInTime(
  { out, signal }: Pick<CommandContext, 'out' | 'signal'>,
  target: PlanTarget,
  wish: PlanWish,
): Promise<FailoverPlan> {
  const deadline = systemClock.now() + WAIT_MS
  let told = ''
  for (;;) {
    const plan = await planFailover(target, wish)
    const { refusals } = plan
    const isWaiting = refusals.length > 0 && refusals.every(({ passes }) => passes)
    if (!isWaiting || signal.aborted || systemClock.now() > deadline) return plan
    const why = refusals.map(({ what }) => printable(what)).join('; ')
    if (why !== told) out.note(`waiting, as it goes away by itself: ${why}`)
    told = why
    await systemClock.sleep(LOOK_EVERY_MS, signal)
  }
}
