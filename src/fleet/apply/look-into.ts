import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { type ListedOffset, listOffsets, type OffsetPoint } from '../../client/list-offsets.ts'
import type { TopicMetadata } from '../../client/metadata.ts'
import type { Outcome } from '../../client/outcome.ts'
import type { TopicPartition } from '../../client/partition.ts'
import { readRoutes } from '../../failover/state/log.ts'
import { nameMatcher } from '../../link/names.ts'
import type { DirectionRecord } from '../../link/state/records.ts'
import { readState } from '../../link/state/store.ts'
import type { StateView } from '../../link/state/view.ts'
import { takenTopics } from '../file/check/topics.ts'
import type { LinkDeclaration } from '../file/fleet.ts'
import type { ObservedCluster, ObservedLink, ObservedTopic } from '../plan/observed.ts'

type Seen = Pick<ObservedCluster, 'clusterId' | 'brokers' | 'topics' | 'links' | 'directions' | 'routes'>

/** What a plan wants to know of a cluster that answers. @throws the client's errors, also when time is up */
export async function lookInto(
  config: ClusterConfig,
  links: readonly LinkDeclaration[],
  limits: { readonly timeoutMs: number; readonly signal?: AbortSignal },
): Promise<Seen> {
  const cluster = await Cluster.connect({ ...config, requestTimeoutMs: limits.timeoutMs }, limits)
  try {
    await cluster.refresh('all', limits)
    const found = cluster.metadata.topics.filter(({ name }) => !name.startsWith('__'))
    const isMirror = mirrorMatcher(links.filter(({ to }) => to === config.name))
    // The ends of a source show whether what stands on the destination can be an earlier mirror of it.
    const isTaken = mirrorMatcher(
      links.filter(({ from }) => from === config.name).map((link) => ({ ...link, prefix: '' })),
    )
    const measured = found.filter(({ name }) => isMirror(name) || isTaken(name))
    const [state, routes, ranges] = await Promise.all([
      readState(cluster),
      readRoutes(cluster),
      rangesOf(cluster, measured),
    ])
    return {
      clusterId: cluster.clusterId,
      brokers: cluster.metadata.brokers.length,
      topics: Object.fromEntries(found.map((topic) => [topic.name, observedTopic(topic, ranges)])),
      links: observedLinks(state, links),
      directions: directionsOf(state, links),
      routes: Object.fromEntries((routes?.routes() ?? []).map((route) => [route.name, route])),
    }
  } finally {
    await cluster.close()
  }
}

/** A test for names that one of the links would give to a mirror. */
function mirrorMatcher(links: readonly LinkDeclaration[]): (name: string) => boolean {
  const tests = links.map((link) => ({ prefix: link.prefix, matches: nameMatcher(takenTopics(link)) }))
  return (name) =>
    tests.some(({ prefix, matches }) => name.startsWith(prefix) && matches(name.slice(prefix.length)))
}

type Range = { readonly start: number | null; readonly end: number | null }
type Ranges = ReadonlyMap<string, Range>

/** A partition without a leader is given up early: the plan counts what is not known as data. */
const OFFSETS_TIMEOUT_MS = 4_000

/** Log starts and ends, asked of all leaders at once; null where none answers. */
async function rangesOf(cluster: Cluster, topics: readonly TopicMetadata[]): Promise<Ranges> {
  const partitions = topics.flatMap(({ name: topic, partitions }) =>
    partitions.map(({ partition }) => ({ topic, partition })),
  )
  const ask = (at: OffsetPoint) =>
    listOffsets(
      cluster,
      partitions.map((partition) => ({ ...partition, at })),
      { timeoutMs: OFFSETS_TIMEOUT_MS },
    )
  const [starts, ends] = await Promise.all([ask('start'), ask('end')])
  return new Map(
    partitions.map((partition, index) => [
      keyOf(partition),
      { start: offsetOf(starts[index]), end: offsetOf(ends[index]) },
    ]),
  )
}

function offsetOf(answer: Outcome<ListedOffset> | undefined): number | null {
  return answer?.ok ? answer.value.offset : null
}

function observedTopic({ name, topicId, partitions }: TopicMetadata, ranges: Ranges): ObservedTopic {
  return {
    id: topicId,
    replicationFactor: Math.max(0, ...partitions.map(({ replicas }) => replicas.length)),
    partitions: partitions.map(({ partition }) => {
      return ranges.get(keyOf({ topic: name, partition })) ?? { start: null, end: null }
    }),
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

function directionsOf(
  state: StateView | null,
  links: readonly LinkDeclaration[],
): Readonly<Record<string, DirectionRecord>> {
  const told = links.flatMap(({ name }) => {
    const direction = state?.direction(name) ?? null
    return direction === null ? [] : [[name, direction] as const]
  })
  return Object.fromEntries(told)
}

/** Links that the cluster knows of, and links of this fleet whose mirrors it still remembers. */
function observedLinks(
  state: StateView | null,
  links: readonly LinkDeclaration[],
): Readonly<Record<string, ObservedLink>> {
  if (state === null) return {}
  const names = new Set([...state.links().map(({ name }) => name), ...links.map(({ name }) => name)])
  const observed = [...names].map(
    (name) => [name, { record: state.link(name), mirrors: state.mirrors(name) }] as const,
  )
  return Object.fromEntries(
    observed.filter(([, { record, mirrors }]) => record !== null || mirrors.length > 0),
  )
}
