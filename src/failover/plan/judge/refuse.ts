import { isCopied } from '../../../link/mirrors/life.ts'
import type { FailoverKind } from '../../run/course.ts'
import type { GatewayFacts, LinkFacts, PlanFacts, PlanWish } from '../facts.ts'
import type { Drift, FailoverRefusal, GatewayForecast, OpenTransaction, TopicForecast } from '../plan.ts'
import { type FailoverRefusalCode, failoverRefusals } from '../refusals.ts'
import { counted, listed } from '../words.ts'
import { mirrorsOf } from './loss.ts'

/** What was judged already. */
export type Judged = {
  readonly kind: FailoverKind
  readonly topics: readonly TopicForecast[]
  readonly drift: readonly Drift[]
  readonly transactions: readonly OpenTransaction[]
  readonly gateways: readonly GatewayForecast[]
}

/** Everything that speaks against moving the route now, whatever the operator accepts. */
export function refusalsOf(facts: PlanFacts, wish: PlanWish, judged: Judged): FailoverRefusal[] {
  const ground = ofGround(facts)
  if (ground.length > 0) return ground
  const { kind } = judged
  return [
    ...ofActive(facts, wish, kind),
    ...(kind === 'switchover' ? ofLink(facts) : []),
    ...ofMirrors(judged),
    ...(kind === 'switchover' ? ofTransactions(judged) : []),
    ...ofGateways(facts, judged),
    ...ofProducerIds(facts),
    ...(kind === 'switchover' ? ofDrift(judged) : []),
  ]
}

type Words = Pick<FailoverRefusal, 'what' | 'remedy'> & {
  readonly subjects?: readonly string[]
  readonly passes?: boolean
}

function refusal(
  code: FailoverRefusalCode,
  { what, remedy, subjects = [], passes = false }: Words,
): FailoverRefusal {
  return { code, what, remedy, subjects, passes, ...failoverRefusals[code] }
}

/** Without these nothing else is worth saying. */
function ofGround({ route, toName, spec, to, link, ...facts }: PlanFacts): FailoverRefusal[] {
  const { name, active, running } = route
  if (running !== null) {
    const what = `a failover of ${name} is under way: ${running.id} at "${running.step}", begun by ${running.by}`
    return [
      refusal('FAILOVER_RUNNING', { what, remedy: `Let it end, or go on with it: kmc failover ${name}` }),
    ]
  }
  if (spec === null) {
    const what = `no link keeps the topics of ${active} on ${toName}`
    const remedy = `Declare one in the fleet file (from: ${active}, to: ${toName}), and wait until it is in step.`
    return [refusal('NO_STANDBY', { what, remedy })]
  }
  if (!to.told) {
    const what = `${toName} does not answer: ${to.why}`
    const stay = facts.from.told ? `Clients stay with ${active}. ` : ''
    const remedy = `${stay}Bring ${toName} back; \`kmc doctor\` tries every step.`
    return [refusal('STANDBY_UNREACHABLE', { what, remedy })]
  }
  if (!link.told) {
    const what = `what ${toName} remembers of link ${spec.name} could not be read: ${link.why}`
    return [refusal('STANDBY_UNREACHABLE', { what, remedy: 'Bring its brokers back, and ask again.' })]
  }
  if (mirrorsOf({ link }).length > 0) return []
  const what =
    link.value === null
      ? `${toName} knows no link ${spec.name}: it never ran`
      : `link ${spec.name} keeps no mirror on ${toName}`
  // A link that was just turned round, or started, says so within seconds.
  const passes = link.value === null ? route.moves > 0 : hasWorkers(link.value)
  const remedy = 'Start the link and wait until it is in step: kmc status'
  return [refusal('STANDBY_EMPTY', { what, remedy, passes })]
}

function ofActive(facts: PlanFacts, wish: PlanWish, kind: FailoverKind): FailoverRefusal[] {
  const { route, from } = facts
  if (kind === 'failover') {
    if (!from.told) return ofServing(facts)
    if (wish.kind !== 'failover') return []
    const what = `${route.active} answers`
    const remedy = `Leave out --force to switch over without any loss, or keep it to lose what has not arrived.`
    return [refusal('ACTIVE_ANSWERS', { what, remedy })]
  }
  if (!from.told) return []
  const broken = [...from.value.topics.values()].filter(({ leaderless }) => leaderless.length > 0)
  if (broken.length === 0) return []
  const names = broken.flatMap(({ name, leaderless }) =>
    leaderless.map((partition) => `${name}-${partition}`),
  )
  const what = `${counted(names.length, 'partition')} of ${route.active} have no leader: ${listed(names)}`
  const remedy = 'Bring the brokers back that hold them, or fail over without what is there.'
  return [refusal('ACTIVE_INCOMPLETE', { what, remedy, subjects: names })]
}

/** Somewhat more than passes between two words of a gateway. */
const LATE_MS = 3_000

/** Gateways that write there have reached it within their lease, whatever can be reached from here. */
function ofServing({ at, route }: PlanFacts): FailoverRefusal[] {
  const serving = route.gateways.filter((gateway) => {
    if (!gateway.mayWrite || isSilent(gateway, at)) return false
    // It may have died with the cluster, which others see no more.
    return !(at - gateway.at > LATE_MS && route.gateways.some((other) => other.lostSince !== null))
  })
  if (serving.length === 0) return []
  const names = serving.map(({ id, host }) => `${id} on ${host}`)
  const who = `${counted(serving.length, 'gateway')} served from it a moment ago`
  const what = `${route.active} does not answer here, and ${who}: ${listed(names)}`
  const remedy =
    'Look for the way from this machine to that cluster. If the cluster is gone, gateways say so within seconds.'
  return [refusal('ACTIVE_SERVES', { what, remedy, passes: true, subjects: serving.map(({ id }) => id) })]
}

function hasWorkers({ workers, desired }: LinkFacts): boolean {
  return desired === 'active' && workers.told && workers.value > 0
}

function ofLink({ link, spec, route }: PlanFacts): FailoverRefusal[] {
  const facts = link.told ? link.value : null
  if (facts === null || spec === null) return []
  const { name } = spec
  if (facts.desired === 'paused') {
    return [refusal('LINK_PAUSED', { what: `link ${name} is paused`, remedy: `kmc link resume ${name}` })]
  }
  if (!facts.workers.told || facts.workers.value > 0) return []
  const remedy = 'Start it: `kmc up`, or `kmc serve` where the clusters run elsewhere.'
  const what = `no worker runs link ${name}`
  // After a switch its workers are started the other way round.
  return [refusal('LINK_NOT_RUNNING', { what, remedy, passes: route.moves > 0 })]
}

function ofMirrors({ topics, kind }: Judged): FailoverRefusal[] {
  // A failover takes what is there; only a mirror that holds nothing yet cannot go along.
  const stands = ({ state, fault }: TopicForecast) =>
    kind === 'failover' ? state === 'seeding' : fault !== null || !isCopied(state)
  const stopped = topics.filter(stands)
  if (stopped.length === 0) return []
  const names = stopped.map(({ topic, state, fault }) => `${topic} (${fault ?? state})`)
  const what = `${counted(stopped.length, 'mirror')} stand still: ${listed(names, 10)}`
  const remedy = '`kmc mirror describe` says why and what to do about each.'
  const passes = stopped.every(({ state, fault }) => state === 'seeding' && fault === null)
  return [refusal('MIRRORS_STOPPED', { what, remedy, passes, subjects: stopped.map(({ topic }) => topic) })]
}

function ofTransactions({ transactions }: Judged): FailoverRefusal[] {
  return transactions
    .filter(({ hangs }) => hangs)
    .map(({ transactionalId, openMs, partitions }) => {
      const since = `${Math.round(openMs! / 1_000)} s`
      const what = `${transactionalId} has a transaction open for ${since} on ${listed(partitions)}`
      const remedy =
        'Abort it: kafka-transactions.sh --bootstrap-server … abort --topic … --partition … --start-offset …'
      return refusal('TRANSACTION_HANGS', { what, remedy, subjects: [transactionalId] })
    })
}

function ofGateways({ from }: PlanFacts, { gateways, kind }: Judged): FailoverRefusal[] {
  const silent = gateways.filter((one) => one.silent)
  // A cluster that is gone takes nothing of them either; what they told clients is told as not counted.
  if (kind === 'failover' && !from.told) return []
  if (silent.length === 0) return []
  const names = silent.map(({ id, host, silentMs }) => `${id} on ${host} (${Math.round(silentMs / 1_000)} s)`)
  const what = `${counted(silent.length, 'gateway')} said nothing for longer than the lease: ${listed(names)}`
  const remedy = 'See whether it still runs; one that was ended by force is forgotten with the flag.'
  // Others say of one that fell silent that it is gone.
  const passes = silent.length < gateways.length
  return [refusal('GATEWAY_SILENT', { what, remedy, passes, subjects: silent.map(({ id }) => id) })]
}

function ofProducerIds({ link, spec, route }: PlanFacts): FailoverRefusal[] {
  const facts = link.told ? link.value : null
  // On the way back ids are told apart by what was done on the way out.
  if (facts === null || spec === null || facts.producerIdsFrom !== null || route.active !== route.primary)
    return []
  const what = `${spec.destination.name} hands out producer ids from the same numbers as ${spec.source.name}`
  const remedy = `Give link ${spec.name} \`producerIdsFrom: 200000\` and let it run once.`
  // A worker raises them beside its work, once.
  const passes = (spec.producerIdsFrom ?? 0) > 0 && hasWorkers(facts)
  return [refusal('PRODUCER_IDS_SHARED', { what, remedy, passes })]
}

function ofDrift({ drift }: Judged): FailoverRefusal[] {
  const blocking = drift.filter(({ severity }) => severity === 'blocks')
  if (blocking.length === 0) return []
  const first = listed(blocking.map((one) => one.what))
  const what = `${counted(blocking.length, 'difference')} would stop applications: ${first}`
  const remedy = 'Each stands below with what to do about it.'
  return [refusal('DRIFT', { what, remedy, subjects: blocking.map(({ subject }) => subject) })]
}

/** What each gateway said last. */
export function forecastGateways({ at, route }: PlanFacts): GatewayForecast[] {
  return route.gateways.map((gateway) => {
    const { id, host, mayWrite, lostSince, connections } = gateway
    return {
      id,
      host,
      silentMs: Math.max(0, at - gateway.at),
      silent: isSilent(gateway, at),
      mayWrite,
      lostMs: lostSince === null ? null : Math.max(0, at - lostSince),
      connections,
    }
  })
}

/** A runner takes a gateway for gone when its lease and two seconds more have passed. */
const SILENT_AFTER_LEASE_MS = 2_000

function isSilent({ leaseMs, ...gateway }: GatewayFacts, at: number): boolean {
  return at - gateway.at > leaseMs + SILENT_AFTER_LEASE_MS
}
