import { z } from 'zod'
import { nowMs } from '../../client/clock.ts'
import { failoverError } from '../../failover/errors.ts'
import { checkPlan } from '../../failover/plan/check-plan.ts'
import type { PlanWish } from '../../failover/plan/facts.ts'
import { planInTime } from '../../failover/plan/in-time.ts'
import { planFailover } from '../../failover/plan/make-plan.ts'
import type { FailoverPlan } from '../../failover/plan/plan.ts'
import { type AcceptFlag, acceptFlags } from '../../failover/plan/refusals.ts'
import { courseFromHere, courseOf, unfinishedRun } from '../../failover/run/run-course.ts'
import { confirmed, confirmSchema } from '../confirm.ts'
import { serverError } from '../errors.ts'
import { type Route, route } from '../http/route.ts'
import { courseWork } from '../operations/course-work.ts'
import { operationSchema } from '../operations/operation.ts'
import type { Telling } from '../operations/operations.ts'
import type { VerbParts } from './links.ts'
import { begun } from './operations.ts'
import { targetHere } from './routes.ts'

/** A plan names every partition of a route, so few are kept. */
const PLANS_MAX = 8

const flags = Object.keys(acceptFlags) as [AcceptFlag, ...AcceptFlag[]]

const planBody = z.strictObject({
  accept: z.array(z.enum(flags)).max(flags.length).default([]).describe('as the flags of `kmc failover`'),
})

const startBody = z.strictObject({ plan: z.string().max(64), confirm: confirmSchema })
const continueBody = z.strictObject({ confirm: confirmSchema })

/** What moving a route would mean, and moving it. */
export function failoverRoutes(parts: VerbParts): readonly Route[] {
  const plans = new Map<string, FailoverPlan>()
  return [planRoute(parts, plans), startRoute(parts, plans), goOnRoute(parts)]
}

function planRoute(parts: VerbParts, plans: Map<string, FailoverPlan>): Route {
  return route({
    ...{ method: 'POST', path: '/api/routes/{route}/failover:plan', tag: 'failover', action: null },
    summary: 'What moving a route would mean now. Changes nothing; a cluster that is gone costs four seconds',
    need: { role: 'operator', on: 'route' },
    body: planBody,
    answer: z.custom<FailoverPlan>(),
    async handle({ house, params, body, signal }) {
      const target = await targetHere(parts, house, params.route, signal)
      const plan = await planFailover(target, wishOf(body.accept))
      plans.set(plan.id, plan)
      const [oldest] = plans.keys()
      if (plans.size > PLANS_MAX) plans.delete(oldest!)
      return plan
    },
  })
}

function wishOf(accept: readonly AcceptFlag[]): PlanWish {
  return { kind: accept.includes('force') ? 'failover' : undefined, accepted: new Set(accept) }
}

function startRoute(parts: VerbParts, plans: ReadonlyMap<string, FailoverPlan>): Route {
  const action = 'route.failover'
  return route({
    ...{ method: 'POST', path: '/api/routes/{route}/failover:start', tag: 'failover', action },
    summary: 'Moves a route as planned; refused with what differs where the plan no longer holds',
    need: { role: 'admin', on: 'route' },
    body: startBody,
    answer: operationSchema,
    async handle({ house, params, body, caller, signal, note }) {
      const askedAt = nowMs()
      const name = params.route
      const saved = plans.get(body.plan)
      if (saved?.route !== name) throw serverError('PLAN_UNKNOWN', `there is no plan ${body.plan} of ${name}`)
      confirmed(body.confirm, name, `this moves route ${name} from ${saved.from} to ${saved.to}`)
      const wish = wishOf(saved.accepted)
      const target = await targetHere(parts, house, name, signal)
      const [begunBefore, plan] = await Promise.all([unfinishedRun(target), planFailover(target, wish)])
      if (begunBefore !== null)
        throw failoverError('FAILOVER_RUNNING', `a move of route ${name} was begun: go on with it first`)
      refuseStale(saved, plan)
      if (!plan.refusals.every(({ passes }) => passes)) refuseHindered(plan)
      const { kind, from, to, accepted, lost } = plan
      note({ before: { kind, from, to, accepted, lost, plan: plan.id } })
      const prepare = async (tell: Telling, lives: AbortSignal) => {
        const lasting = { ...target, signal: lives }
        const again = () => planFailover(lasting, wish)
        const onWait = (why: string) => tell.note(`waiting, as it goes away by itself: ${why}`)
        const ready = await planInTime(plan, again, { signal: lives, onWait })
        refuseHindered(ready)
        return { course: courseOf(ready, lasting), target: lasting }
      }
      return begun(parts.operations, courseWork({ action, route: name, caller, askedAt, prepare, note }))
    },
  })
}

function goOnRoute(parts: VerbParts): Route {
  const action = 'route.failover'
  return route({
    ...{ method: 'POST', path: '/api/routes/{route}/failover:continue', tag: 'failover', action },
    summary: 'Goes on with a move of the route that did not come to its end, whoever began it',
    need: { role: 'admin', on: 'route' },
    body: continueBody,
    answer: operationSchema,
    async handle({ house, params, body, caller, signal, note }) {
      const askedAt = nowMs()
      const name = params.route
      const target = await targetHere(parts, house, name, signal)
      const course = await unfinishedRun(target)
      if (course === null) throw serverError('PLAN_UNKNOWN', `no move of route ${name} was left unfinished`)
      confirmed(body.confirm, name, `this goes on to move route ${name} to ${course.to}`)
      const { kind, from, to } = course
      note({ before: { kind, from, to, plan: course.plan } })
      const prepare = async (_: Telling, lives: AbortSignal) => {
        const lasting = { ...target, signal: lives }
        return { course: await courseFromHere(course, lasting), target: lasting }
      }
      return begun(parts.operations, courseWork({ action, route: name, caller, askedAt, prepare, note }))
    },
  })
}

/** @throws FAILOVER_PLAN_STALE */
function refuseStale(saved: FailoverPlan, now: FailoverPlan): void {
  const changes = checkPlan(saved, now)
  if (changes.length === 0) return
  const text = changes.map(
    ({ what, was, is }) => `${what}: was ${was ?? 'not there'}, is ${is ?? 'not there'}`,
  )
  const context = { plan: saved.id, changes }
  throw failoverError(
    'FAILOVER_PLAN_STALE',
    `plan ${saved.id} no longer says what would happen: ${text.join('; ')}`,
    { context },
  )
}

/** @throws FAILOVER_REFUSED */
function refuseHindered({ route: name, refusals }: FailoverPlan): void {
  if (refusals.length === 0) return
  const text = refusals.map(({ code, what }) => `${what} (${code})`).join('; ')
  throw failoverError('FAILOVER_REFUSED', `route ${name} was not moved: ${text}`, { context: { refusals } })
}
