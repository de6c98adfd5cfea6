import type { FailoverKind } from '../run/course.ts'
import type { PlanFacts, PlanWish } from './facts.ts'
import { careOf } from './judge/care.ts'
import { driftOf } from './judge/drift.ts'
import { forecastFence } from './judge/fence.ts'
import { forecastGroups } from './judge/groups.ts'
import { forecastTopics, mirrorsOf, total } from './judge/loss.ts'
import { forecastGateways, refusalsOf } from './judge/refuse.ts'
import { openTransactions, writingProducers } from './judge/writers.ts'
import { type Amount, FAILOVER_PLAN_FORMAT, type FailoverPlan, type PlanGround } from './plan.ts'
import { type PlanTarget, readPlanFacts } from './read/facts.ts'
import type { AcceptFlag } from './refusals.ts'
import { failoverPlanId } from './saved.ts'
import { stepsOf } from './steps.ts'

/** Reads both clusters and says what moving the route would mean now. Changes nothing; ends within ten seconds. */
export async function planFailover(target: PlanTarget, wish: PlanWish): Promise<FailoverPlan> {
  return makeFailoverPlan(await readPlanFacts(target), wish)
}

/** The plan that follows from the facts. Pure: equal facts give equal plans. */
export function makeFailoverPlan(facts: PlanFacts, wish: PlanWish): FailoverPlan {
  const { route, from, toName } = facts
  const kind: FailoverKind = wish.kind ?? (from.told ? 'switchover' : 'failover')
  const topics = forecastTopics(facts, kind)
  const drift = driftOf(facts)
  const transactions = openTransactions(facts)
  const gateways = forecastGateways(facts)
  const all = refusalsOf(facts, wish, { kind, topics, drift, transactions, gateways })
  const isAccepted = ({ flag }: { readonly flag: AcceptFlag | null }) =>
    flag !== null && wish.accepted.has(flag)
  const drained = total(topics.map((topic) => topic.drained))
  const steps = stepsOf({ kind, from: route.active, to: toName, drainMs: drainMs(drained) })
  const content: Omit<FailoverPlan, 'id'> = {
    format: FAILOVER_PLAN_FORMAT,
    route: route.name,
    kind,
    madeAt: facts.at,
    madeBy: facts.by,
    from: route.active,
    to: toName,
    fromAnswers: from.told,
    fromTrouble: from.told ? null : from.why.replace(/\s*\n\s*/g, ' '),
    link: facts.spec?.name ?? null,
    ground: groundOf(facts),
    accepted: [...wish.accepted].sort() as AcceptFlag[],
    refusals: all.filter((one) => !isAccepted(one)),
    overridden: all.filter(isAccepted),
    lost: total(topics.map((topic) => topic.lost)),
    drained,
    seenAt: oldest(topics.flatMap(({ partitions }) => partitions.map(({ seenAt }) => seenAt))),
    topics,
    groups: forecastGroups(facts, kind),
    drift,
    applications: careOf(facts, kind),
    transactions,
    producers: writingProducers(facts),
    fence: forecastFence(facts),
    gateways,
    steps,
    expectedMs: steps.reduce((sum, { expectedMs }) => sum + expectedMs, 0),
    heldMs: steps.reduce((sum, { expectedMs, holdsWrites }) => sum + (holdsWrites ? expectedMs : 0), 0),
  }
  return { id: failoverPlanId(content), ...content }
}

/** What a link carries over in a second where nothing else is known: less than was ever measured of one. */
const BYTES_PER_SECOND = 20 * 1024 * 1024

function drainMs({ bytes }: Amount): number | null {
  return bytes === null ? null : Math.round((bytes / BYTES_PER_SECOND) * 1_000)
}

function oldest(times: readonly (number | null)[]): number | null {
  return times.length === 0 || times.includes(null) ? null : Math.min(...(times as number[]))
}

function groundOf(facts: PlanFacts): PlanGround {
  const { route, from, to, link } = facts
  const mirrors = mirrorsOf(facts).map(({ topic, mirror, sourceTopicId, mirrorTopicId, state }) => {
    return [topic, `${mirror} ${sourceTopicId} to ${mirrorTopicId}, ${state}`] as const
  })
  const gateways = route.gateways.map(({ id, host, pid }) => [id, `${host}/${pid}`] as const)
  return {
    routeEpoch: route.epoch,
    active: route.active,
    fromClusterId: from.told ? from.value.clusterId : null,
    toClusterId: to.told ? to.value.clusterId : null,
    linkGeneration: link.told ? (link.value?.generation ?? null) : null,
    mirrors: Object.fromEntries(mirrors),
    gateways: Object.fromEntries(gateways),
  }
}
