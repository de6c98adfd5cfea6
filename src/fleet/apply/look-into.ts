import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import type { TopicMetadata } from '../../client/metadata.ts'
import { outcomeOf } from '../../client/outcome.ts'
import { nameMatcher } from '../../link/names.ts'
import type { RangeAnswer, TopicPartition } from '../../link/port.ts'
import { listRanges } from '../../link/ports/partitions.ts'
import { readState } from '../../link/state/store.ts'
import type { StateView } from '../../link/state/view.ts'
import { takenTopics } from '../file/check/topics.ts'
import type { LinkDeclaration } from '../file/fleet.ts'
import type { ObservedCluster, ObservedLink, ObservedTopic } from '../plan/observed.ts'

type Seen = Pick<ObservedCluster, 'clusterId' | 'brokers' | 'topics' | 'links'>

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
    const mirrors = found.filter(({ name }) => isMirror(name))
    const [state, ranges] = await Promise.all([readState(cluster), rangesOf(cluster, mirrors)])
    return {
      clusterId: cluster.clusterId,
      brokers: cluster.metadata.brokers.length,
      topics: Object.fromEntries(found.map((topic) => [topic.name, observedTopic(topic, ranges)])),
      links: observedLinks(state, links),
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

type Ranges = ReadonlyMap<string, RangeAnswer>

/** Log starts and ends, asked of each leader at once; a partition without an answer is not in the result. */
async function rangesOf(cluster: Cluster, topics: readonly TopicMetadata[]): Promise<Ranges> {
  const partitions = topics.flatMap(({ name, partitions }) =>
    partitions.map(({ partition, leader }) => ({ topic: name, partition, leader })),
  )
  const byLeader = Map.groupBy(
    partitions.filter(({ leader }) => leader >= 0),
    ({ leader }) => leader,
  )
  const answers = await Promise.all(
    [...byLeader].map(([node, items]) => outcomeOf(listRanges(cluster, node, items, 'read_uncommitted'))),
  )
  const found = answers.flatMap((answer) => (answer.ok ? answer.value : []))
  return new Map(found.filter(({ errorCode }) => errorCode === 0).map((range) => [keyOf(range), range]))
}

function observedTopic({ name, topicId, partitions }: TopicMetadata, ranges: Ranges): ObservedTopic {
  return {
    id: topicId,
    replicationFactor: Math.max(0, ...partitions.map(({ replicas }) => replicas.length)),
    configs: {},
    partitions: partitions.map(({ partition }) => {
      const range = ranges.get(keyOf({ topic: name, partition }))
      return { start: range?.start ?? null, end: range?.end ?? null }
    }),
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
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
