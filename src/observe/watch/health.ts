import type { Aged } from './aged.ts'
import type { BrokersView, DisksView, PartitionRef, QuorumView, TopicsView } from './view.ts'

export type FindingKind =
  | 'unreachable'
  | 'no-controller'
  | 'broker-down'
  | 'broker-fenced'
  | 'offline'
  | 'under-min-isr'
  | 'under-replicated'
  | 'disk-failed'
  | 'disk-unknown'
  | 'quorum-behind'

/** Something that is wrong with a cluster: one entry a kind, with how many and the first few of them. */
export type Finding = {
  readonly kind: FindingKind
  readonly severity: 'critical' | 'warning'
  readonly count: number
  /** Partitions, or brokers, in words: at most twenty. */
  readonly examples: readonly string[]
}

type Facts = {
  readonly brokers: Aged<BrokersView>
  readonly quorum: Aged<QuorumView>
  readonly topics: Aged<TopicsView>
  readonly disks: Aged<DisksView>
}

const EXAMPLES_MAX = 20
/** A voter fetches several times a second; Kafka gives up on one after 2 s (controller.quorum.fetch.timeout.ms). */
const QUORUM_BEHIND_MS = 10_000

/** What is wrong, worst first, by the last good answers. */
export function healthOf(facts: Facts): Finding[] {
  const { brokers, quorum, topics, disks } = facts
  const failedDirs = disks.value?.dirs.filter(({ fault }) => fault !== null) ?? []
  return [
    finding('unreachable', 'critical', brokers.trouble === null ? [] : [brokers.trouble.message]),
    finding('no-controller', 'critical', lacksController(facts) ? ['no controller'] : []),
    finding('broker-down', 'critical', downBrokers(facts).map(brokerName)),
    finding('offline', 'critical', partitionNames(topics.value?.offline)),
    finding('under-min-isr', 'critical', partitionNames(topics.value?.underMinIsr)),
    finding(
      'disk-failed',
      'critical',
      failedDirs.map(({ nodeId, path }) => `${path} of ${brokerName(nodeId)}`),
    ),
    finding('under-replicated', 'warning', partitionNames(topics.value?.underReplicated)),
    finding('broker-fenced', 'warning', fencedBrokers(brokers.value).map(brokerName)),
    finding('quorum-behind', 'warning', behindVoters(quorum.value).map(brokerName)),
    finding('disk-unknown', 'warning', disks.value?.missing.map(({ nodeId }) => brokerName(nodeId)) ?? []),
  ].filter(({ count }) => count > 0)
}

/** Brokers that hold replicas and are not among those that are registered. */
function downBrokers({ brokers, topics }: Pick<Facts, 'brokers' | 'topics'>): number[] {
  if (brokers.value === null) return []
  const there = new Set(brokers.value.brokers.map(({ nodeId }) => nodeId))
  const down = new Set<number>()
  for (const { partitions } of topics.value?.topics.values() ?? []) {
    for (const { replicas } of partitions) {
      for (const node of replicas) if (!there.has(node)) down.add(node)
    }
  }
  return [...down].sort((a, b) => a - b)
}

function lacksController({ brokers, quorum }: Facts): boolean {
  if (quorum.value?.kind === 'kraft') return quorum.value.leaderId === null
  return brokers.value !== null && brokers.value.controllerId === null
}

function fencedBrokers(view: BrokersView | null): number[] {
  return view?.brokers.filter(({ isFenced }) => isFenced).map(({ nodeId }) => nodeId) ?? []
}

function behindVoters(view: QuorumView | null): number[] {
  if (view?.kind !== 'kraft') return []
  return view.voters.filter(({ behindMs }) => (behindMs ?? 0) > QUORUM_BEHIND_MS).map(({ nodeId }) => nodeId)
}

function finding(kind: FindingKind, severity: Finding['severity'], all: readonly string[]): Finding {
  return { kind, severity, count: all.length, examples: all.slice(0, EXAMPLES_MAX) }
}

function brokerName(nodeId: number): string {
  return `broker ${nodeId}`
}

function partitionNames(refs: readonly PartitionRef[] = []): string[] {
  return refs.map(({ topic, partition }) => `${topic}-${partition}`)
}
