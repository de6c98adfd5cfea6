import type { MirrorSource, TopicInfo } from '../../src/link/mirrors/port.ts'
import {
  type FetchAsk,
  type Fetched,
  type FetchItem,
  plainMemory,
  type RangeAnswer,
  type SourcePort,
  type TopicPartition,
} from '../../src/link/port.ts'
import type { StartPoint } from '../../src/link/spec.ts'
import type { PartitionModel } from '../model/cluster.ts'
import { readAt, type Wanted } from '../model/reading.ts'
import { ADMIN_MS, ClusterAccess, FETCH_EXTRA_MS, LOOK_UP_MS } from './access.ts'

/** The model as the source of a link. */
export class SimSource extends ClusterAccess implements SourcePort, MirrorSource {
  readonly memory = plainMemory
  readonly #pins = new Map<string, string>()

  pin(topic: string, id: string): void {
    this.#pins.set(topic, id)
  }

  fetch(node: number, items: readonly FetchItem[], options: FetchAsk): Promise<readonly Fetched[]> {
    const wanted = this.wanted(items)
    const timeoutMs = options.maxWaitMs + FETCH_EXTRA_MS
    const what = () =>
      `fetch ${items.map(({ topic, partition, offset }) => `${topic}-${partition}@${offset}`)}`
    return this.call(node, 'fetch', timeoutMs, what, (done: (value: Fetched[]) => void) => {
      this.#serve(node, wanted, options.maxWaitMs, done)
    })
  }

  override idOf(topic: string): string {
    return this.#pins.get(topic) ?? super.idOf(topic)
  }

  ranges(node: number, partitions: readonly TopicPartition[]): Promise<readonly RangeAnswer[]> {
    return this.call(
      node,
      'main',
      LOOK_UP_MS,
      () => 'ranges',
      (done: (value: RangeAnswer[]) => void) => {
        done(
          partitions.map(({ topic, partition }) => {
            const at = this.cluster.led(node, topic, partition)
            if (typeof at === 'number') return { topic, partition, errorCode: at, start: -1, end: -1 }
            return { topic, partition, errorCode: 0, start: at.log.start, end: at.log.stable }
          }),
        )
      },
    )
  }

  startOffsets(topic: TopicInfo, start: StartPoint): Promise<readonly number[]> {
    return this.#offsets(topic, ({ log }) => (start.at === 'latest' ? log.stable : log.start))
  }

  logStarts(topic: TopicInfo): Promise<readonly number[]> {
    return this.#offsets(topic, ({ log }) => log.start)
  }

  async mirrorsOf(): Promise<ReadonlySet<string>> {
    return new Set()
  }

  async #offsets(topic: TopicInfo, read: (at: PartitionModel) => number): Promise<readonly number[]> {
    const found = await this.anywhere('offsets', ADMIN_MS, () => {
      return this.cluster.topics.get(topic.name)?.partitions.slice(0, topic.partitions).map(read) ?? []
    })
    if (found.length < topic.partitions) throw new Error(`offsets of ${topic.name} are not known`)
    return found
  }

  /** A long poll: answers when there is anything to say, or after `maxWaitMs`. */
  #serve(node: number, items: readonly Wanted[], maxWaitMs: number, done: (value: Fetched[]) => void): void {
    const answers = items.map((item) => readAt(this.cluster, node, item))
    const isWorthIt = answers.some(({ errorCode, records }) => errorCode !== 0 || records !== null)
    if (isWorthIt || maxWaitMs <= 0) {
      done(answers)
      return
    }
    const began = this.cluster.events.now
    let over = false
    const again = () => {
      if (over) return
      over = true
      callOff()
      this.#serve(node, items, maxWaitMs - (this.cluster.events.now - began), done)
    }
    const callOff = this.cluster.events.after(maxWaitMs, () => {
      if (over) return
      over = true
      done(items.map((item) => readAt(this.cluster, node, item)))
    })
    for (const { topic, partition } of items)
      this.cluster.topics.get(topic)?.partitions[partition]?.watchers.push(again)
  }
}
