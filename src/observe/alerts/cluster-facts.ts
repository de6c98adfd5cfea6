import { verdictCodes } from '../burrow/verdict.ts'
import type { FindingKind } from '../watch/health.ts'
import type { ClusterView } from '../watch/view.ts'
import type { Fact, FactKind } from './fact.ts'

/** Which part of the view a finding rests on: while that part has trouble, nothing is known. */
const findings = [
  ['no-controller', 'cluster-no-controller', 'brokers'],
  ['broker-down', 'cluster-broker-down', 'brokers'],
  ['offline', 'cluster-offline', 'topics'],
  ['under-min-isr', 'cluster-under-min-isr', 'topics'],
  ['under-replicated', 'cluster-under-replicated', 'topics'],
  ['disk-failed', 'cluster-disk-failed', 'disks'],
] as const satisfies readonly (readonly [FindingKind, FactKind, 'brokers' | 'topics' | 'disks'])[]

/** What a watch knows of its cluster and the groups in it, as facts. */
export function clusterFacts(view: ClusterView, now: number): Fact[] {
  const { name: cluster, health, brokers, groups } = view
  const fact = (kind: FactKind, value: number | null): Fact => ({
    kind,
    subject: { cluster },
    value,
    at: now,
  })
  const facts = findings.map(([finding, kind, part]) => {
    const isKnown = view[part].at !== null && view[part].trouble === null
    return fact(kind, isKnown ? (health.find((one) => one.kind === finding)?.count ?? 0) : null)
  })
  const isAsked = brokers.at !== null || brokers.trouble !== null
  facts.push(fact('cluster-unreachable', isAsked ? Number(brokers.trouble !== null) : null))
  const isCurrent = groups.trouble === null
  for (const { groupId: group, verdict, lag } of groups.value?.groups.values() ?? []) {
    const of = { subject: { cluster, group }, at: now }
    facts.push({ kind: 'group-verdict', value: isCurrent ? verdictCodes[verdict] : null, ...of })
    facts.push({ kind: 'group-lag-seconds', value: isCurrent ? lag.seconds : null, ...of })
  }
  return facts
}
