import { phases } from '../../gateway/spec.ts'
import { failoverError } from '../errors.ts'
import type { RoutePhase, RouteRecord } from '../state/records.ts'
import type { FailoverKind } from './course.ts'
import { type Answers, awaitGateways } from './gateways.ts'
import { routeOf, type Scene } from './scene.ts'

const firstPhases: Readonly<Record<FailoverKind, RoutePhase>> = { switchover: 'yielding', failover: 'parked' }

/**
 * Brings the route to a phase of this run and waits until its gateways hold it. What an earlier runner has done
 * already is not written again. @throws ROUTE_MOVED_ON
 */
export async function toPhase(scene: Scene, phase: RoutePhase): Promise<Answers> {
  const record = await advanceTo(scene, phase)
  const answers = await awaitGateways(scene, record)
  scene.memo = { ...scene.memo, gone: [...new Set([...scene.memo.gone, ...answers.gone])] }
  return answers
}

/** A run begins where its plan was made for: since then somebody may have moved the route. @throws ROUTE_MOVED_ON */
export function refuseMoved(scene: Scene): void {
  const { course } = scene
  const { active, phase, plan } = routeOf(scene)
  if (plan !== null && plan !== course.plan) throw movedOn(scene, routeOf(scene))
  if (active === course.from && phase === 'open') return
  const message = `route ${course.route} leads to ${active} (${phase}) by now, and the plan is to leave ${course.from}`
  throw failoverError('ROUTE_MOVED_ON', message, { context: { route: course.route } })
}

/**
 * Whether the clients of the route wait for this run still: somebody may have put it back to where it was, and then
 * what was equal is so no more. @throws ROUTE_MOVED_ON
 */
export async function refuseReleased(scene: Scene): Promise<void> {
  await scene.store.refresh()
  const current = routeOf(scene)
  if (current.plan !== scene.course.plan || phases.indexOf(current.phase) < phases.indexOf('frozen')) {
    throw movedOn(scene, current)
  }
}

async function advanceTo(scene: Scene, phase: RoutePhase): Promise<RouteRecord> {
  const { store, course } = scene
  await store.refresh()
  const current = routeOf(scene)
  // Nobody's: it was put back, unless the run has only just begun.
  const isOurs = current.plan === course.plan || (current.plan === null && phase === firstPhases[course.kind])
  if (!isOurs) throw movedOn(scene, current)
  const isThere = current.plan === course.plan && phases.indexOf(current.phase) >= phases.indexOf(phase)
  if (isThere) return current
  return await store.advance(current, { target: course.to, plan: course.plan, phase })
}

function movedOn({ course }: Scene, { active, phase, plan }: RouteRecord): Error {
  const now =
    plan === null
      ? `it leads to ${active} (${phase}), and no failover holds it`
      : `plan ${plan} moves it from ${active} (${phase})`
  const message = `route ${course.route} was changed while this failover (plan ${course.plan}) was under way: ${now}`
  return failoverError('ROUTE_MOVED_ON', message, { context: { route: course.route } })
}

/** In words: what gateways could not reach in time. */
export function missingText({ missing }: Answers): string {
  return [...missing].map(([id, what]) => `${id}: ${what.join(', ')}`).join('; ')
}
