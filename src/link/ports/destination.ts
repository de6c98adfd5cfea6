import { deleteTopics } from '../../client/admin/delete-topics.ts'
import type { Cluster } from '../../client/cluster.ts'
import { deleteRecordsAt } from '../../client/delete-records.ts'
import { describeProducersAt } from '../../client/describe-producers.ts'
import { isKafkaError } from '../../client/errors.ts'
import { fetchRaw } from '../../client/fetch.ts'
import { listOffsetsAt } from '../../client/list-offsets.ts'
import { unwrap } from '../../client/outcome.ts'
import { produceRaw } from '../../client/produce.ts'
import { writeTxnMarkers } from '../../client/txn-markers.ts'
import { iterateBatches, lastOffset } from '../../wire/batch/header.ts'
import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import { linkError, nameOf } from '../errors.ts'
import type { TopicConfig } from '../mirrors/configs.ts'
import type { MirrorDestination, TopicInfo } from '../mirrors/port.ts'
import type {
  DestinationPort,
  MarkerItem,
  MarkerWriter,
  OffsetAnswer,
  PartitionAnswer,
  Produced,
  ProduceItem,
  ProducersAnswer,
  RangeAnswer,
  TailAnswer,
  TopicPartition,
} from '../port.ts'
import { STATE_TOPIC } from '../state/value.ts'
import { LOOK_UP_MS, listRanges } from './ranges.ts'
import { ClusterSide } from './side.ts'
import { alterTopicConfigs, growTopic, makeTopic, settingNames } from './topics.ts'

/** A new topic's partitions get their leaders within this time, or the next round tries again. */
const READY_MS = 10_000
const READY_PARTITION_MS = 20
const READY_POLL_MS = 50
const REMOVE_MS = 20_000
/** A cluster may get another version while a link works. */
const KNOWN_MS = 300_000
/** Enough for the last batch of most partitions; a larger one is asked for alone, and then comes whole. */
const TAIL_BYTES = 64 * 1024
const TAILS_BYTES_MAX = 16 * 1024 * 1024

type Tail = TopicPartition & { readonly offset: number }

/** A real cluster as the destination of a link. */
export class DestinationAdapter extends ClusterSide implements DestinationPort, MirrorDestination {
  #known: { readonly at: number; readonly names: ReadonlySet<string> | null } | null = null

  readonly gapWriters: ReadonlySet<number>

  constructor(cluster: Cluster, gapWriters: ReadonlySet<number> = new Set()) {
    super(cluster)
    this.gapWriters = gapWriters
  }

  produce(node: number, lane: number, items: readonly ProduceItem[]): Promise<readonly Produced[]> {
    const batches = items.map((item) => ({ ...item, topicId: this.idOf(item.topic) }))
    return produceRaw(this.cluster, node, `produce-${lane}`, batches)
  }

  /** Entry k of the request names the partitions that need more than k markers, so none stands in one entry twice. */
  async writeMarkers(
    node: number,
    { producerId, producerEpoch, generation }: MarkerWriter,
    items: readonly MarkerItem[],
  ): Promise<readonly PartitionAnswer[]> {
    const byEpoch = Map.groupBy(items, (item) => item.producerEpoch ?? producerEpoch)
    const markers = [...byEpoch].flatMap(([epoch, group]) => {
      const writer = { producerId, producerEpoch: epoch, committed: true, coordinatorEpoch: generation }
      return layersOf(group).map((partitions) => ({ ...writer, partitions }))
    })
    const call = { node, lane: 'markers', timeoutMs: LOOK_UP_MS }
    const answers = await writeTxnMarkers(this.cluster, call, markers)
    const codes = new Map(answers.map((answer) => [nameOf(answer), answer.errorCode]))
    return items.map((item) => ({ ...item, errorCode: codes.get(nameOf(item))! }))
  }

  /**
   * OFFSET_NOT_AVAILABLE while the leader holds more than it has replicated: a reader does not see that yet, but the
   * next write comes after it.
   */
  async ends(node: number, partitions: readonly TopicPartition[]): Promise<readonly OffsetAnswer[]> {
    const call = { node, timeoutMs: LOOK_UP_MS }
    const [logs, seen] = await Promise.all([
      listOffsetsAt(this.cluster, call, partitions, 'log-end'),
      // Only this answer says that the broker leads.
      this.visibleEnds(node, partitions),
    ])
    return seen.map((answer, index) => {
      const log = logs[index]!
      if (answer.errorCode !== 0 || (log.errorCode === 0 && log.offset === answer.offset)) return answer
      return { ...answer, errorCode: log.errorCode === 0 ? ErrorCode.OFFSET_NOT_AVAILABLE : log.errorCode }
    })
  }
  /** Where readers see each log end (its high watermark). */
  visibleEnds(node: number, partitions: readonly TopicPartition[]): Promise<readonly OffsetAnswer[]> {
    return listOffsetsAt(this.cluster, { node, timeoutMs: LOOK_UP_MS }, partitions, 'end')
  }
  producers(node: number, partitions: readonly TopicPartition[]): Promise<readonly ProducersAnswer[]> {
    return describeProducersAt(this.cluster, { node, timeoutMs: LOOK_UP_MS }, partitions)
  }

  async knownSettings(): Promise<ReadonlySet<string> | null> {
    const now = Date.now()
    if (this.#known === null || now - this.#known.at > KNOWN_MS) {
      this.#known = { at: now, names: await this.#settingNames() }
    }
    return this.#known.names
  }

  async tails(node: number, items: readonly Tail[]): Promise<readonly TailAnswer[]> {
    const answers = await this.#tails(node, items)
    for (const [index, answer] of answers.entries()) {
      if (answer.errorCode === 0 && answer.batch === null && items.length > 1) {
        answers[index] = (await this.#tails(node, [items[index]!]))[0]!
      }
    }
    return answers
  }

  async #tails(node: number, items: readonly Tail[]): Promise<TailAnswer[]> {
    if (items.length === 0) return []
    const partitions = items.map(({ topic, partition, offset }) => ({
      topic,
      topicId: this.idOf(topic),
      partition,
      fetchOffset: offset,
      partitionMaxBytes: TAIL_BYTES,
    }))
    const limits = { maxWaitMs: 0, maxBytes: TAILS_BYTES_MAX, timeoutMs: LOOK_UP_MS }
    const options = { ...limits, isolation: 'read_uncommitted' } as const
    const answers = await fetchRaw(this.cluster, node, 'control', partitions, options)
    return answers.map(({ topic, partition, errorCode, records }, index) => {
      const gone = errorCode === ErrorCode.OFFSET_OUT_OF_RANGE
      const batch = records === null ? null : batchAt(records, items[index]!.offset)
      return { topic, partition, errorCode: gone ? 0 : errorCode, batch }
    })
  }

  create(topic: {
    readonly name: string
    readonly partitions: number
    readonly configs: TopicConfig
  }): Promise<void> {
    return makeTopic(this.cluster, topic)
  }
  /** Without the right to look at them every setting is tried. */
  async #settingNames(): Promise<ReadonlySet<string> | null> {
    try {
      return await settingNames(this.cluster, STATE_TOPIC)
    } catch (error) {
      if (isKafkaError(error, 'TOPIC_AUTHORIZATION_FAILED')) return null
      throw error
    }
  }

  async remove(topic: string): Promise<void> {
    const [outcome] = await deleteTopics(this.cluster, [topic], { timeoutMs: REMOVE_MS })
    unwrap(outcome!)
  }
  addPartitions(topic: string, total: number): Promise<void> {
    return growTopic(this.cluster, topic, total)
  }
  changeConfigs(
    topic: string,
    change: { readonly set: TopicConfig; readonly unset: readonly string[] },
  ): Promise<void> {
    return alterTopicConfigs(this.cluster, topic, change)
  }

  async ready(topic: string, partitions: number): Promise<TopicInfo> {
    const withinMs = READY_MS + partitions * READY_PARTITION_MS
    const deadline = Date.now() + withinMs
    while (Date.now() < deadline) {
      await this.cluster.refresh([topic])
      const known = this.cluster.metadata.topic(topic)
      const led = known?.partitions.filter(({ leader }) => leader >= 0) ?? []
      if (known !== undefined && led.length >= partitions) {
        const info = { name: topic, id: known.topicId, partitions: known.partitions.length }
        if (await this.#answers(info)) return info
      }
      await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS))
    }
    const text = `topic ${topic} has no leaders on ${this.cluster.name} after ${withinMs / 1000} s`
    throw linkError('MIRROR_FAILED', text, { retriable: true })
  }

  /** A leader that the metadata names may still answer that it is none. */
  async #answers(topic: TopicInfo): Promise<boolean> {
    const answers = await this.#rangeAnswers(topic)
    return answers.every((answer) => answer.errorCode === 0)
  }

  async logRanges(topic: TopicInfo): Promise<RangeAnswer[]> {
    const answers = await this.#rangeAnswers(topic)
    for (const answer of answers) this.#accept(answer, 'offsets')
    return answers
  }

  async trim(topic: string, starts: readonly { partition: number; offset: number }[]): Promise<void> {
    const items = starts.map((start) => ({ topic, ...start }))
    const byNode = Map.groupBy(items, (at) => this.leaderOf(at))
    for (const [node, group] of byNode) {
      // Without a leader now, the next round trims it.
      if (node === null) continue
      for (const answer of await this.deleteRecords(node, group)) this.#accept(answer, 'deleting records')
    }
  }

  deleteRecords(
    node: number,
    items: readonly (TopicPartition & { readonly offset: number })[],
  ): Promise<readonly PartitionAnswer[]> {
    return deleteRecordsAt(this.cluster, { node, timeoutMs: LOOK_UP_MS }, items)
  }

  #accept(answer: PartitionAnswer, what: string): void {
    if (answer.errorCode === 0) return
    const { name, retriable } = errorOf(answer.errorCode)
    const code = name.endsWith('AUTHORIZATION_FAILED') ? 'NOT_AUTHORIZED' : 'MIRROR_FAILED'
    const text = `${what} of ${nameOf(answer)} on ${this.cluster.name}: ${name}`
    throw linkError(code, text, { retriable, context: { error: name } })
  }

  async #rangeAnswers(topic: TopicInfo): Promise<RangeAnswer[]> {
    const partitions = Array.from({ length: topic.partitions }, (_, partition) => ({
      topic: topic.name,
      partition,
    }))
    const byNode = Map.groupBy(partitions, (at) => this.leaderOf(at))
    const asks = [...byNode].map(([node, group]) => {
      if (node === null)
        throw linkError('MIRROR_FAILED', `${nameOf(group[0]!)} has no leader`, { retriable: true })
      return listRanges(this.cluster, node, group, 'read_uncommitted')
    })
    return (await Promise.all(asks)).flat().sort((a, b) => a.partition - b.partition)
  }
}

function batchAt(records: Buffer, offset: number): Buffer | null {
  for (const { header, bytes } of iterateBatches(records)) {
    if (header.baseOffset <= offset && offset <= lastOffset(header)) return bytes
  }
  return null
}

/** An entry of the request marks a partition once: the first names all partitions, the next those that need more. */
function layersOf(items: readonly MarkerItem[]): (readonly MarkerItem[])[] {
  const longestFirst = [...items].sort((a, b) => b.count - a.count)
  let partitions = longestFirst
  return Array.from({ length: longestFirst[0]?.count ?? 0 }, (_, k) => {
    if (partitions.at(-1)!.count <= k) partitions = partitions.filter(({ count }) => count > k)
    return partitions
  })
}
