import { fetchRaw } from '../../client/fetch.ts'
import { FetchSession } from '../../client/fetch-session.ts'
import { listOffsets, type OffsetPoint } from '../../client/list-offsets.ts'
import { unwrap } from '../../client/outcome.ts'
import { linkCodeOf } from '../errors.ts'
import { isReleased } from '../mirrors/life.ts'
import type { MirrorSource, TopicInfo } from '../mirrors/port.ts'
import {
  type FetchAsk,
  type Fetched,
  type FetchItem,
  plainMemory,
  type RangeAnswer,
  type RecordsMemory,
  type SourcePort,
  type TopicPartition,
} from '../port.ts'
import type { StartPoint } from '../spec.ts'
import { readState } from '../state/store.ts'
import type { StateView } from '../state/view.ts'
import { LOOK_UP_MS, listRanges } from './ranges.ts'
import { ClusterSide } from './side.ts'

/** How long the list of returning mirrors is believed where no topic is new; somebody may have added a link. */
const RETURNING_MS = 30_000
/** Beyond the wait that the broker was asked for, an answer must come within this time. */
const ANSWER_MS = 15_000

type Returning = {
  readonly at: number
  readonly topics: ReadonlySet<string>
  /** The topics that were there when this was read. */
  readonly judged: ReadonlySet<string>
}

/** A real cluster as the source of a link. */
export class SourceAdapter extends ClusterSide implements SourcePort, MirrorSource {
  readonly memory: RecordsMemory = this.cluster.framePool ?? plainMemory
  readonly #pins = new Map<string, string>()
  readonly #sessions = new Map<number, FetchSession>()
  #returning: Returning | null = null

  pin(topic: string, id: string): void {
    this.#pins.set(topic, id)
  }

  fetch(
    node: number,
    items: readonly FetchItem[],
    { maxWaitMs, maxBytes, inOrder = true }: FetchAsk,
  ): Promise<readonly Fetched[]> {
    const partitions = items.map(({ topic, partition, offset, maxBytes, lastEpoch = -1 }) => ({
      topic,
      topicId: this.idOf(topic),
      partition,
      fetchOffset: offset,
      partitionMaxBytes: maxBytes,
      lastFetchedEpoch: lastEpoch,
    }))
    const timeoutMs = maxWaitMs + ANSWER_MS
    const session = inOrder ? undefined : this.#sessionWith(node)
    const options = { maxWaitMs, maxBytes, timeoutMs, session, isolation: 'read_committed' } as const
    return fetchRaw(this.cluster, node, 'fetch', partitions, options)
  }

  ranges(node: number, partitions: readonly TopicPartition[]): Promise<RangeAnswer[]> {
    return listRanges(this.cluster, node, partitions, 'read_committed')
  }

  #sessionWith(node: number): FetchSession {
    let session = this.#sessions.get(node)
    if (session === undefined) {
      session = new FetchSession()
      this.#sessions.set(node, session)
    }
    return session
  }

  async startOffsets(topic: TopicInfo, start: StartPoint): Promise<number[]> {
    const starts = await this.#offsets(topic, 'start')
    const ends = await this.#offsets(topic, 'end')
    switch (start.at) {
      case 'earliest':
        return starts
      case 'latest':
        return ends
      case 'time': {
        const found = await this.#offsets(topic, { timestampMs: start.timestampMs })
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
    return this.#offsets(topic, 'start')
  }

  async mirrorsOf(clusterId: string, among: readonly string[]): Promise<ReadonlySet<string>> {
    const now = Date.now()
    const judged = this.#returning?.judged
    const isNew = judged === undefined || among.some((topic) => !judged.has(topic))
    if (this.#returning === null || isNew || now - this.#returning.at > RETURNING_MS) {
      const state = await this.#ownState()
      const links = (state?.links() ?? []).filter(({ source }) => source.clusterId === clusterId)
      const mirrors = links.flatMap(({ name }) => {
        // A promoted mirror is a topic of this cluster: a link in the other direction may take it.
        return state!.mirrors(name).flatMap(({ mirror, state: life }) => (isReleased(life) ? [] : [mirror]))
      })
      this.#returning = { at: now, topics: new Set(mirrors), judged: new Set(among) }
    }
    return this.#returning.topics
  }

  /** A principal that may not read what kmc noted there sees no mirrors, as on a cluster without any. */
  async #ownState(): Promise<StateView | null> {
    try {
      return await readState(this.cluster)
    } catch (error) {
      if (linkCodeOf(error) === 'NOT_AUTHORIZED') return null
      throw error
    }
  }

  /** The last stable offset where the end is asked for: a mirror holds nothing that is not decided. */
  async #offsets(topic: TopicInfo, at: OffsetPoint): Promise<number[]> {
    const queries = Array.from({ length: topic.partitions }, (_, partition) => {
      return { topic: topic.name, partition, at, isolation: 'read_committed' } as const
    })
    const outcomes = await listOffsets(this.cluster, queries, { timeoutMs: LOOK_UP_MS })
    return outcomes.map((outcome) => unwrap(outcome).offset)
  }

  protected override idOf(topic: string): string {
    return this.#pins.get(topic) ?? super.idOf(topic)
  }
}
