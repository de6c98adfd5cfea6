import type { Cluster } from '../../client/cluster.ts'
import { errorOf } from '../../wire/error-codes.ts'
import { linkError, nameOf } from '../errors.ts'
import type { TopicConfig } from '../mirrors/configs.ts'
import type { MirrorSource, TopicInfo } from '../mirrors/port.ts'
import type { Fetched, FetchItem, RangeAnswer, SourcePort, TopicPartition } from '../port.ts'
import type { StartPoint } from '../spec.ts'
import { readState } from '../state/store.ts'
import { fetchPartitions } from './data.ts'
import { EARLIEST, LATEST, listOffsets, listRanges } from './partitions.ts'
import { listTopics, topicConfigs } from './topics.ts'

/** How long the list of returning mirrors is believed; it changes only when somebody adds a link. */
const RETURNING_MS = 30_000

/** A real cluster as the source of a link. */
export class SourceAdapter implements SourcePort, MirrorSource {
  readonly #cluster: Cluster
  readonly #pins = new Map<string, string>()
  #returning: { readonly at: number; readonly topics: ReadonlySet<string> } | null = null

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  leaderOf({ topic, partition }: TopicPartition): number | null {
    return this.#cluster.metadata.leaderOf(topic, partition)
  }

  async refresh(): Promise<void> {
    await this.#cluster.refresh('all')
  }

  pin(topic: string, id: string): void {
    this.#pins.set(topic, id)
  }

  fetch(
    node: number,
    items: readonly FetchItem[],
    limits: { readonly maxWaitMs: number; readonly maxBytes: number },
  ): Promise<Fetched[]> {
    return fetchPartitions(this.#cluster, node, items, limits, (topic) => this.#idOf(topic))
  }

  ranges(node: number, partitions: readonly TopicPartition[]): Promise<RangeAnswer[]> {
    return listRanges(this.#cluster, node, partitions, 'read_committed')
  }

  topics(): Promise<TopicInfo[]> {
    return listTopics(this.#cluster)
  }

  configs(topics: readonly string[]): Promise<Map<string, TopicConfig>> {
    return topicConfigs(this.#cluster, topics)
  }

  async startOffsets(topic: TopicInfo, start: StartPoint): Promise<number[]> {
    const starts = await this.#offsets(topic, EARLIEST)
    const ends = await this.#offsets(topic, LATEST)
    switch (start.at) {
      case 'earliest':
        return starts
      case 'latest':
        return ends
      case 'time': {
        const found = await this.#offsets(topic, start.timestampMs)
        return found.map((offset, partition) => (offset < 0 ? ends[partition]! : offset))
      }
      case 'offsets': {
        const wanted = start.offsets[topic.name] ?? []
        const clamped = (offset: number, p: number) => Math.min(Math.max(offset, starts[p]!), ends[p]!)
        return starts.map((first, partition) => clamped(wanted[partition] ?? first, partition))
      }
    }
  }

  logStarts(topic: TopicInfo): Promise<number[]> {
    return this.#offsets(topic, EARLIEST)
  }

  async mirrorsOf(clusterId: string): Promise<ReadonlySet<string>> {
    const now = Date.now()
    if (this.#returning === null || now - this.#returning.at > RETURNING_MS) {
      const state = await readState(this.#cluster)
      const links = (state?.links() ?? []).filter(({ source }) => source.clusterId === clusterId)
      const mirrors = links.flatMap(({ name }) => state!.mirrors(name).map(({ mirror }) => mirror))
      this.#returning = { at: now, topics: new Set(mirrors) }
    }
    return this.#returning.topics
  }

  /** The last stable offset where the log end is asked for: a mirror holds nothing that is not decided. */
  async #offsets(topic: TopicInfo, timestamp: number): Promise<number[]> {
    const partitions = Array.from({ length: topic.partitions }, (_, partition) => ({
      topic: topic.name,
      partition,
    }))
    const byNode = Map.groupBy(partitions, (at) => this.leaderOf(at))
    const offsets = new Array<number>(topic.partitions).fill(0)
    const asks = [...byNode].map(async ([node, group]) => {
      if (node === null)
        throw linkError('MIRROR_FAILED', `${nameOf(group[0]!)} has no leader`, { retriable: true })
      const items = group.map((at) => ({ ...at, timestamp }))
      for (const answer of await listOffsets(this.#cluster, node, items, 'read_committed')) {
        if (answer.errorCode !== 0) throw refused(answer)
        offsets[answer.partition] = answer.offset
      }
    })
    await Promise.all(asks)
    return offsets
  }

  #idOf(topic: string): string | null {
    return this.#pins.get(topic) ?? usableId(this.#cluster, topic)
  }
}

/** The id of a topic as the cluster knows it now; null where brokers are too old for ids. */
export function usableId(cluster: Cluster, topic: string): string | null {
  const id = cluster.metadata.topic(topic)?.topicId
  return id === undefined || /^A+$/.test(id) ? null : id
}

function refused(answer: TopicPartition & { readonly errorCode: number }): Error {
  const { name, retriable } = errorOf(answer.errorCode)
  const code = name.endsWith('AUTHORIZATION_FAILED') ? 'NOT_AUTHORIZED' : 'MIRROR_FAILED'
  return linkError(code, `offsets of ${nameOf(answer)}: ${name}`, { retriable, context: { error: name } })
}
