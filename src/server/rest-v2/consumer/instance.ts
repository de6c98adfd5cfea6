import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../../base/log.ts'
import { commitOffsets } from '../../../client/admin/commit-offsets.ts'
import { type CommittedOffset, fetchOffsets } from '../../../client/admin/group-offsets.ts'
import { nowMs } from '../../../client/clock.ts'
import type { Cluster } from '../../../client/cluster.ts'
import { isKafkaError } from '../../../client/errors.ts'
import type { OffsetPoint } from '../../../client/list-offsets.ts'
import { unwrap } from '../../../client/outcome.ts'
import { partitionName, type TopicPartition } from '../../../client/partition.ts'
import type { ConsumedRecord } from '../../../client/records/read-topic.ts'
import { serverError } from '../../errors.ts'
import { Held, type Position, sizeOf } from './held.ts'
import { ConsumerMembership, type Wanted } from './membership.ts'
import { positionsAt, readOn } from './reader.ts'
import type { ConsumerSettings } from './settings.ts'

export type Subscription =
  | { readonly topics: readonly string[] }
  | { readonly pattern: string; readonly wanted: Wanted }

export type ReadLimits = { readonly waitMs: number; readonly bytesMax: number; readonly signal: AbortSignal }

const COMMIT_EVERY_MS = 5_000
const COMMIT_TIMEOUT_MS = 5_000
const FETCH_WAIT_MS = 500
const LOOK_EVERY_MS = 50
const readers = { earliest: 'start', latest: 'end' } as const

/**
 * One consumer of REST Proxy v2: a member of its group, or a reader of partitions that were named, on connections of
 * its own. What is asked of it is done one after the other.
 */
export class ConsumerInstance {
  readonly settings: ConsumerSettings
  readonly #cluster: Cluster
  readonly #group: string
  readonly #log: Log
  readonly #held = new Held()
  readonly #end = new AbortController()
  #subscription: Subscription | null = null
  #membership: ConsumerMembership | null = null
  #isAssigned = false
  /** Partitions that are ours and whose positions were not looked up yet. */
  #fresh: readonly TopicPartition[] | null = null
  #committedAt = nowMs()
  #last: Promise<unknown> = Promise.resolve()

  constructor(cluster: Cluster, group: string, settings: ConsumerSettings, log: Log) {
    this.#cluster = cluster
    this.#group = group
    this.settings = settings
    this.#log = log
  }

  get subscription(): Subscription | null {
    return this.#subscription
  }

  get partitions(): TopicPartition[] {
    return [...(this.#fresh ?? this.#held.partitions)]
  }

  /** Reads these topics as a member of the group. @throws CONSUMER_STATE, what hinders reading the metadata */
  subscribe(subscription: Subscription): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#isAssigned) throw mixed()
      await this.#leave()
      const wanted: Wanted = 'wanted' in subscription ? subscription.wanted : () => subscription.topics
      const events = {
        given: (partitions: readonly TopicPartition[]) => this.#give(partitions),
        taken: () => this.#giveUp(),
      }
      const joining = { group: this.#group, wanted, events, log: this.#log }
      this.#membership = await ConsumerMembership.join(this.#cluster, joining)
      this.#subscription = subscription
    })
  }

  unsubscribe(): Promise<void> {
    return this.#inTurn(async () => {
      await this.#leave()
      this.#isAssigned = false
      this.#give([])
    })
  }

  /** Reads these partitions, whoever else in the group does. @throws CONSUMER_STATE */
  assign(partitions: readonly TopicPartition[]): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#subscription !== null) throw mixed()
      this.#isAssigned = partitions.length > 0
      this.#give(partitions)
    })
  }

  /**
   * Records in order, as soon as some are there, at the latest when the time is up. `shown` may throw for one that it
   * cannot show: those before it are answered, and it is thrown when nothing stands before it.
   */
  records<Shown>(
    { waitMs, bytesMax, signal }: ReadLimits,
    shown: (record: ConsumedRecord) => Shown,
  ): Promise<Shown[]> {
    const until = AbortSignal.any([signal, this.#end.signal])
    return this.#inTurn(async () => {
      if (this.#membership === null && !this.#isAssigned) {
        throw serverError('CONSUMER_STATE', 'the consumer instance has no subscription and no partitions')
      }
      await this.#membership?.lookAgain()
      if (this.settings.autoCommit && nowMs() - this.#committedAt >= COMMIT_EVERY_MS)
        await this.#commitGiven()
      const handed = await this.#gather(nowMs() + waitMs, bytesMax, until)
      const answer = this.#show(handed, shown)
      // Whoever has gone has not got them.
      if (until.aborted) this.#held.giveBack(handed)
      else this.#held.arrived()
      return answer
    })
  }

  /** @throws CONSUMER_STATE */
  seek(positions: readonly Position[]): Promise<void> {
    return this.#inTurn(async () => {
      await this.#begin()
      for (const position of positions) this.#held.check(position)
      for (const position of positions) this.#held.seek(position)
    })
  }

  /** @throws CONSUMER_STATE, KAFKA_ERROR */
  async seekTo(places: readonly (TopicPartition & { readonly at: OffsetPoint })[]): Promise<void> {
    await this.seek(await positionsAt(this.#cluster, places, this.settings.isolation))
  }

  /** Commits these positions, or those of all that was answered. @throws KAFKA_ERROR */
  commit(offsets?: readonly (Position & { readonly metadata: string | null })[]): Promise<void> {
    return this.#inTurn(() => (offsets === undefined ? this.#commitGiven() : this.#commit(offsets)))
  }

  /** What the group has committed, by whomever. */
  async committed(partitions: readonly TopicPartition[]): Promise<readonly CommittedOffset[]> {
    const [outcome] = await fetchOffsets(this.#cluster, [{ groupId: this.#group, partitions }])
    return unwrap(outcome!)
  }

  async close(): Promise<void> {
    this.#end.abort()
    await this.#last.catch(() => {})
    await this.#leave()
    if (this.settings.autoCommit && this.#isAssigned) await this.#commitQuietly()
    await this.#cluster.close()
  }

  #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const turn = this.#last.then(run, run)
    this.#last = turn.catch(() => {})
    return turn
  }

  async #leave(): Promise<void> {
    await this.#membership?.leave()
    this.#membership = null
    this.#subscription = null
  }

  #give(partitions: readonly TopicPartition[]): void {
    this.#held.take([])
    this.#fresh = partitions
  }

  /** Looks up where the partitions that are new are begun. */
  async #begin(): Promise<void> {
    const fresh = this.#fresh
    if (fresh === null) return
    const positions = await this.#positionsOf(fresh)
    // Others may have been given meanwhile, or these taken.
    if (this.#fresh !== fresh) return
    this.#held.take(positions)
    this.#fresh = null
  }

  async #giveUp(): Promise<void> {
    if (this.settings.autoCommit) await this.#commitQuietly()
    this.#give([])
  }

  async #positionsOf(partitions: readonly TopicPartition[]): Promise<Position[]> {
    if (partitions.length === 0) return []
    const known = new Map((await this.committed(partitions)).map((one) => [partitionName(one), one.offset]))
    const isKnown = (place: TopicPartition) => (known.get(partitionName(place)) ?? -1) >= 0
    const fresh = await this.#resetPositions(partitions.filter((place) => !isKnown(place)))
    const others = partitions.filter(isKnown).map(({ topic, partition }) => ({
      topic,
      partition,
      offset: known.get(partitionName({ topic, partition }))!,
    }))
    return [...others, ...fresh]
  }

  async #resetPositions(places: readonly TopicPartition[]): Promise<Position[]> {
    if (places.length === 0) return []
    const { reset, isolation } = this.settings
    if (reset === 'none') {
      const name = partitionName(places[0]!)
      throw serverError('CONSUMER_STATE', `there is no position for ${name}, and auto.offset.reset is none`)
    }
    const asked = places.map(({ topic, partition }) => ({ topic, partition, at: readers[reset] }))
    return await positionsAt(this.#cluster, asked, isolation)
  }

  async #gather(until: number, bytesMax: number, signal: AbortSignal): Promise<ConsumedRecord[]> {
    const handed: ConsumedRecord[] = []
    let bytes = 0
    for (;;) {
      const more = this.#held.hand(bytesMax - bytes, handed.length === 0)
      handed.push(...more)
      bytes += more.reduce((sum, record) => sum + sizeOf(record), 0)
      const leftMs = until - nowMs()
      const isEnough = handed.length > 0 && (bytes >= this.settings.minBytes || this.#held.hasWaiting)
      if (isEnough || leftMs <= 0 || signal.aborted) return handed
      const fault = this.#membership?.fault ?? null
      if (fault !== null) throw fault
      await this.#begin()
      if (this.#held.isEmpty) await sleep(Math.min(LOOK_EVERY_MS, leftMs))
      else await this.#readOn(Math.min(FETCH_WAIT_MS, leftMs), signal)
    }
  }

  async #readOn(waitMs: number, signal: AbortSignal): Promise<void> {
    const { isolation } = this.settings
    const lost = async (places: readonly TopicPartition[]) => {
      for (const position of await this.#resetPositions(places)) this.#held.seek(position)
    }
    try {
      await readOn(this.#cluster, this.#held, { isolation, waitMs: Math.ceil(waitMs), signal, lost })
    } catch (error) {
      if (!signal.aborted) throw error
    }
  }

  #show<Shown>(handed: readonly ConsumedRecord[], shown: (record: ConsumedRecord) => Shown): Shown[] {
    const answer: Shown[] = []
    for (const [at, record] of handed.entries()) {
      try {
        answer.push(shown(record))
      } catch (error) {
        this.#held.giveBack(handed.slice(at))
        if (at === 0) throw error
        break
      }
    }
    return answer
  }

  async #commitGiven(): Promise<void> {
    await this.#commit(this.#held.given().map((position) => ({ ...position, metadata: '' })))
    this.#committedAt = nowMs()
  }

  async #commit(offsets: readonly (Position & { readonly metadata: string | null })[]): Promise<void> {
    if (offsets.length === 0) return
    const commitment = { groupId: this.#group, member: this.#membership?.standing, offsets }
    const limits = { timeoutMs: COMMIT_TIMEOUT_MS }
    for (const outcome of (await commitOffsets(this.#cluster, [commitment], limits))[0]!) unwrap(outcome)
  }

  /** Where the group has gone on without us, whoever has the partitions now reads on from the commit before. */
  async #commitQuietly(): Promise<void> {
    try {
      await this.#commitGiven()
    } catch (error) {
      const isOutdated = isKafkaError(
        error,
        'UNKNOWN_MEMBER_ID',
        'ILLEGAL_GENERATION',
        'REBALANCE_IN_PROGRESS',
      )
      if (!isOutdated)
        this.#log.warn({ group: this.#group, error }, 'positions of a consumer instance not committed')
    }
  }
}

function mixed(): Error {
  return serverError(
    'CONSUMER_STATE',
    'Subscription to topics, partitions and pattern are mutually exclusive',
  )
}
