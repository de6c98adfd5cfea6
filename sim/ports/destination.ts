import type { TopicConfig } from '../../src/link/mirrors/configs.ts'
import type { MirrorDestination, TopicInfo } from '../../src/link/mirrors/port.ts'
import type {
  DestinationPort,
  MarkerItem,
  MarkerWriter,
  OffsetAnswer,
  PartitionAnswer,
  Produced,
  ProduceItem,
  ProducerState,
  ProducersAnswer,
  TailAnswer,
  TopicPartition,
} from '../../src/link/port.ts'
import { verifyCrc } from '../../src/wire/batch/header.ts'
import { AT, ATTRIBUTE, MAGIC } from '../../src/wire/batch/layout.ts'
import { ErrorCode } from '../../src/wire/error-codes.ts'
import type { PartitionModel, Sender } from '../model/cluster.ts'
import { lastSequenceOf } from '../model/producers.ts'
import { ADMIN_MS, ClusterAccess, LOOK_UP_MS, PRODUCE_MS } from './access.ts'

const READY_POLLS = 100
const READY_POLL_MS = 100
/** Markers of one request between which others may come in between. */
const MARKERS_AT_ONCE = 4

/** The model as the destination of a link. */
export class SimDestination extends ClusterAccess implements DestinationPort, MirrorDestination {
  produce(node: number, lane: number, items: readonly ProduceItem[]): Promise<readonly Produced[]> {
    const sentAt = this.cluster.events.now
    const wanted = items.map((item) => ({ ...item, id: this.idOf(item.topic) }))
    const what = () =>
      `produce ${items.map(({ topic, partition, batch }) => `${topic}-${partition}:${stampOf(batch)}`)}`
    return this.call(node, `produce-${lane}`, PRODUCE_MS, what, (done: (value: Produced[]) => void) => {
      gather(wanted, done, ({ topic, partition, batch, id }, answer: (value: Produced) => void) => {
        const reply = (errorCode: number, baseOffset: number) =>
          answer({ topic, partition, errorCode, baseOffset, message: null })
        const at = this.cluster.led(node, topic, partition, id)
        const refusal = typeof at === 'number' ? at : refusalOf(batch)
        if (typeof at === 'number' || refusal !== 0) reply(refusal, -1)
        else this.cluster.append(at, Buffer.from(batch), this.#sender(sentAt), reply)
      })
    })
  }

  writeMarkers(
    node: number,
    writer: MarkerWriter,
    items: readonly MarkerItem[],
  ): Promise<readonly PartitionAnswer[]> {
    const what = () =>
      `markers g${writer.generation} ${items.map(({ topic, partition, count, producerEpoch }) => `${topic}-${partition}x${count}e${producerEpoch}`)}`
    const sentAt = this.cluster.events.now
    return this.call(node, 'markers', LOOK_UP_MS, what, (done: (value: PartitionAnswer[]) => void) => {
      gather(items, done, (item, answer: (value: PartitionAnswer) => void) => {
        const { topic, partition, count, producerEpoch = writer.producerEpoch } = item
        const to = { node, writer: { ...writer, producerEpoch }, topic, partition, sentAt }
        this.#mark(to, count, (errorCode) => answer({ topic, partition, errorCode }))
      })
    })
  }

  /** Each entry of the request is an append of its own, and the broker may die between two. */
  #mark(
    to: TopicPartition & { readonly node: number; readonly writer: MarkerWriter; readonly sentAt: number },
    count: number,
    done: (errorCode: number) => void,
  ): void {
    const { producerId, producerEpoch, generation: coordinatorEpoch } = to.writer
    const sender = this.#sender(to.sentAt)
    let awaited = Math.min(count, MARKERS_AT_ONCE)
    let worst = 0
    const one = (errorCode: number) => {
      worst ||= errorCode
      if (--awaited > 0) return
      const left = count - MARKERS_AT_ONCE
      if (worst !== 0 || left <= 0) done(worst)
      else this.cluster.events.after(0.05, () => this.#mark(to, left, done))
    }
    for (let left = awaited; left > 0; left--) {
      const at = this.cluster.led(to.node, to.topic, to.partition)
      const timestamp = this.cluster.now()
      if (typeof at === 'number') one(at)
      else
        this.cluster.mark(
          at,
          { producerId, producerEpoch, coordinatorEpoch, commit: true, timestamp },
          sender,
          one,
        )
    }
  }

  #sender(sentAt: number): Sender {
    return { by: this.owner.name, sentAt, zombie: this.network.serving.late }
  }

  ends(node: number, partitions: readonly TopicPartition[]): Promise<readonly OffsetAnswer[]> {
    return this.#each(node, 'ends', partitions, { offset: -1 }, ({ log }) => {
      const isReplicated = log.highWatermark === log.end
      return { offset: log.highWatermark, errorCode: isReplicated ? 0 : ErrorCode.OFFSET_NOT_AVAILABLE }
    })
  }

  visibleEnds(node: number, partitions: readonly TopicPartition[]): Promise<readonly OffsetAnswer[]> {
    return this.#each(node, 'ends', partitions, { offset: -1 }, ({ log }) => ({ offset: log.highWatermark }))
  }

  producers(node: number, partitions: readonly TopicPartition[]): Promise<readonly ProducersAnswer[]> {
    return this.#each(node, 'producers', partitions, { producers: [] as ProducerState[] }, ({ log }) => ({
      producers: [...log.producers.values()].map((entry) => ({
        producerId: entry.producerId,
        producerEpoch: entry.epoch,
        lastSequence: lastSequenceOf(entry),
        coordinatorEpoch: entry.coordinatorEpoch,
        lastTimestamp: entry.lastTimestamp,
      })),
    }))
  }

  tails(
    node: number,
    items: readonly (TopicPartition & { readonly offset: number })[],
  ): Promise<readonly TailAnswer[]> {
    const offsets = items.map(({ offset }) => offset)
    let index = 0
    return this.#each(node, 'tails', items, { batch: null as Buffer | null }, ({ log }) => {
      const offset = offsets[index++]!
      const entry = offset < log.start ? undefined : log.entries[log.indexOf(offset)]
      return { batch: entry === undefined || entry.base > offset ? null : Buffer.from(entry.bytes) }
    })
  }

  deleteRecords(
    node: number,
    items: readonly (TopicPartition & { readonly offset: number })[],
  ): Promise<readonly PartitionAnswer[]> {
    const offsets = items.map(({ offset }) => offset)
    let index = 0
    return this.#each(node, 'delete', items, {}, (at) => {
      const errorCode = deleteRecords(at, offsets[index++]!)
      if (errorCode === 0) this.cluster.changed(at)
      return { errorCode }
    })
  }

  async create(topic: {
    readonly name: string
    readonly partitions: number
    readonly configs: TopicConfig
  }): Promise<void> {
    await this.anywhere(`create ${topic.name}`, ADMIN_MS, () => {
      if (!this.cluster.topics.has(topic.name)) {
        this.cluster.create(topic.name, topic.partitions, { ...topic.configs })
      }
      return true
    })
  }

  async addPartitions(name: string, total: number): Promise<void> {
    const grown = await this.anywhere(`grow ${name}`, ADMIN_MS, () => {
      const topic = this.cluster.topics.get(name)
      if (topic === undefined || topic.partitions.length >= total) return false
      this.cluster.grow(topic, total)
      return true
    })
    if (!grown) throw new Error(`${name} cannot have ${total} partitions`)
  }

  async changeConfigs(
    name: string,
    change: { readonly set: TopicConfig; readonly unset: readonly string[] },
  ): Promise<void> {
    if (Object.keys(change.set).length + change.unset.length === 0) return
    await this.anywhere(`alter ${name}`, ADMIN_MS, () => {
      const topic = this.cluster.topics.get(name)
      const kept = Object.entries(topic?.configs ?? {}).filter(([key]) => !change.unset.includes(key))
      if (topic !== undefined) topic.configs = { ...Object.fromEntries(kept), ...change.set }
      return true
    })
  }

  async ready(name: string, partitions: number): Promise<TopicInfo> {
    for (let poll = 0; poll < READY_POLLS; poll++) {
      const topics = await this.topics()
      const info = topics.find((topic) => topic.name === name)
      if (info !== undefined && info.partitions >= partitions) {
        const ranges = await this.#ranges(info)
        if (ranges.every(({ errorCode }) => errorCode === 0)) return info
      }
      await new Promise<void>((resolve) => {
        this.cluster.events.after(READY_POLL_MS, () => this.owner.deliver(resolve))
      })
    }
    throw new Error(`topic ${name} has no leaders`)
  }

  async logRanges(topic: TopicInfo): Promise<readonly { start: number; end: number }[]> {
    const ranges = await this.#ranges(topic)
    if (ranges.some(({ errorCode }) => errorCode !== 0))
      throw new Error(`offsets of ${topic.name} are not known`)
    return ranges
  }

  async trim(
    topic: string,
    starts: readonly { readonly partition: number; readonly offset: number }[],
  ): Promise<void> {
    for (const { partition, offset } of starts) {
      const node = this.leaderOf({ topic, partition })
      if (node === null) continue
      const [answer] = await this.deleteRecords(node, [{ topic, partition, offset }])
      if (answer!.errorCode !== 0) throw new Error(`deleting records of ${topic}: ${answer!.errorCode}`)
    }
  }

  async #ranges(topic: TopicInfo): Promise<(PartitionAnswer & { start: number; end: number })[]> {
    const partitions = Array.from({ length: topic.partitions }, (_, partition) => partition)
    const asks = partitions.map(async (partition) => {
      const at = { topic: topic.name, partition }
      const node = this.leaderOf(at)
      if (node === null) return { ...at, errorCode: ErrorCode.LEADER_NOT_AVAILABLE, start: -1, end: -1 }
      const [range] = await this.#each(node, 'ranges', [at], { start: -1, end: -1 }, ({ log }) => {
        return { start: log.start, end: log.highWatermark }
      })
      return range!
    })
    return await Promise.all(asks)
  }

  /** Looks something up at the leader of each partition. */
  #each<T extends object>(
    node: number,
    what: string,
    partitions: readonly TopicPartition[],
    nothing: T,
    read: (at: PartitionModel) => T & { readonly errorCode?: number },
  ): Promise<(PartitionAnswer & T)[]> {
    const words = () => `${what} ${partitions.map(({ topic, partition }) => `${topic}-${partition}`)}`
    return this.call(node, 'main', LOOK_UP_MS, words, (done: (value: (PartitionAnswer & T)[]) => void) => {
      done(
        partitions.map(({ topic, partition }) => {
          const at = this.cluster.led(node, topic, partition)
          if (typeof at === 'number') return { topic, partition, errorCode: at, ...nothing }
          return { topic, partition, errorCode: 0, ...read(at) }
        }),
      )
    })
  }
}

/** Asks for every item at once and answers when all have answered, in their order. */
function gather<I, O>(
  items: readonly I[],
  done: (answers: O[]) => void,
  ask: (item: I, answer: (value: O) => void) => void,
): void {
  const answers: O[] = []
  let awaited = items.length
  for (const [index, item] of items.entries()) {
    ask(item, (value) => {
      answers[index] = value
      if (--awaited === 0) done(answers)
    })
  }
}

/** What a broker checks of a batch before it looks at sequences (LogValidator, UnifiedLog); 0 when all is well. */
function refusalOf(batch: Buffer): number {
  if (batch.length < AT.records || batch.readInt8(AT.magic) !== MAGIC) return ErrorCode.INVALID_RECORD
  if (!verifyCrc(batch)) return ErrorCode.CORRUPT_MESSAGE
  const attributes = batch.readInt16BE(AT.attributes)
  if ((attributes & ATTRIBUTE.logAppendTime) !== 0) return ErrorCode.INVALID_TIMESTAMP
  if ((attributes & (ATTRIBUTE.control | ATTRIBUTE.transactional)) !== 0) return ErrorCode.INVALID_TXN_STATE
  const dense = batch.readInt32BE(AT.lastOffsetDelta) + 1 === batch.readInt32BE(AT.recordCount)
  return dense && batch.readBigInt64BE(AT.baseOffset) === 0n ? 0 : ErrorCode.INVALID_RECORD
}

/** DeleteRecords: whole logs only, never above the high watermark, and not where the cleaner alone deletes. */
function deleteRecords(at: PartitionModel, offset: number): number {
  if (at.topic.configs['cleanup.policy'] === 'compact') return ErrorCode.POLICY_VIOLATION
  if (offset > at.log.highWatermark) return ErrorCode.OFFSET_OUT_OF_RANGE
  at.log.deleteTo(offset)
  return 0
}

function stampOf(batch: Buffer): string {
  return `s${batch.readInt32BE(AT.baseSequence)}+${batch.readInt32BE(AT.recordCount)}`
}
