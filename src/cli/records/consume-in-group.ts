import { once } from 'node:events'
import { Consumer, findErrorBy } from '@platformatic/kafka'
import type { Cluster } from '../../client/cluster.ts'
import { isKafkaError } from '../../client/errors.ts'
import type { Isolation } from '../../client/isolation.ts'
import { type Range, rangesFrom } from '../../client/records/ranges.ts'
import { type Chunk, type ConsumedRecord, readTopic } from '../../client/records/read-topic.ts'
import { fromLibrary, libraryOptions } from './library.ts'

export type GroupReading = {
  readonly topic: string
  readonly group: string
  /** Where a partition is begun that the group has no position for. */
  readonly fallback: 'beginning' | 'end'
  readonly isolation: Isolation
  /** Stop when every partition that is ours has come to where the log ended when it became ours. */
  readonly untilEnd: boolean
}

/** Is given records one by one; false: no more are wanted. */
export type Take = (record: ConsumedRecord) => Promise<boolean>

const COMMIT_EVERY_MS = 1_000
/** Short, so that a member that was killed gives its partitions up soon. */
const SESSION_MS = 10_000
const HEARTBEAT_MS = 2_000
const REBALANCE_MS = 30_000

/**
 * Reads a topic as a member of a group. The library keeps the membership; the records are read by our own client,
 * because the library shows records of aborted transactions where one producer has several in an answer. A position is
 * committed only after `take` was done with the record, so a crash repeats records and loses none.
 * Ends when `take` says false, at the end with `untilEnd`, or by the signal. Errors: LIBRARY_FAILED, KAFKA_ERROR.
 */
export async function consumeInGroup(
  cluster: Cluster,
  reading: GroupReading,
  signal: AbortSignal,
  take: Take,
): Promise<void> {
  const consumer = new Consumer({
    ...libraryOptions(cluster.config),
    groupId: reading.group,
    sessionTimeout: SESSION_MS,
    heartbeatInterval: HEARTBEAT_MS,
    rebalanceTimeout: REBALANCE_MS,
    autocommit: false,
  })
  const member = new Member(consumer, cluster, reading)
  try {
    await member.join()
    while (!signal.aborted && (await member.readGeneration(signal, take)));
  } catch (error) {
    if (!signal.aborted) throw fromLibrary(error, `Reading ${reading.topic} in group ${reading.group}`)
  } finally {
    await consumer.close(true)
  }
}

/** One member of the group through all its generations. */
class Member {
  readonly #consumer: Consumer
  readonly #cluster: Cluster
  readonly #reading: GroupReading
  /** Next offsets of what was taken and is not committed yet. */
  readonly #positions = new Map<number, number>()
  /** Counts the generations that we were given partitions in. */
  #generation = 0
  #generationEnd = new AbortController()
  #changed = Promise.withResolvers<void>()
  #committing: Promise<void> = Promise.resolve()
  #failure: Error | null = null

  constructor(consumer: Consumer, cluster: Cluster, reading: GroupReading) {
    this.#consumer = consumer
    this.#cluster = cluster
    this.#reading = reading
  }

  async join(): Promise<void> {
    const endGeneration = () => this.#endGeneration()
    this.#consumer.on('error', (error: Error) => this.#fail(error))
    // Others come or go: what was taken is committed now, before the partitions are somebody else's.
    this.#consumer.on('consumer:group:rebalance', endGeneration)
    this.#consumer.on('consumer:group:join', () => {
      this.#generation += 1
      endGeneration()
    })
    this.#consumer.topics.track(this.#reading.topic)
    await this.#consumer.joinGroup({})
  }

  #endGeneration(): void {
    this.#generationEnd.abort()
    this.#changed.resolve()
  }

  #fail(error: Error): void {
    this.#failure = error
    this.#endGeneration()
  }

  /** Reads what this generation gives us; false when reading is over. */
  async readGeneration(signal: AbortSignal, take: Take): Promise<boolean> {
    const generation = this.#generation
    this.#generationEnd = new AbortController()
    const ending = AbortSignal.any([signal, this.#generationEnd.signal])
    const goesOn = await this.#readUntil(ending, take)
    await this.#commit()
    if (!goesOn || signal.aborted || !ending.aborted) return false
    while (this.#generation === generation && this.#failure === null && !signal.aborted) {
      this.#changed = Promise.withResolvers()
      await Promise.race([this.#changed.promise, aborted(signal)])
    }
    if (this.#failure !== null) throw this.#failure
    return true
  }

  /**
   * False when `take` wants no more. Behind a route a cluster may take over that lacks what was read last: then the
   * position that the group has there counts, and the fallback where that is no offset of the log.
   */
  async #readUntil(signal: AbortSignal, take: Take): Promise<boolean> {
    for (let isLost = false; ; isLost = true) {
      try {
        return await this.#readOn(await this.#ranges(isLost, signal), signal, take)
      } catch (error) {
        if (!isKafkaError(error, 'OFFSET_OUT_OF_RANGE')) throw error
        this.#positions.clear()
      }
    }
  }

  async #readOn(ranges: readonly Range[], signal: AbortSignal, take: Take): Promise<boolean> {
    const { topic, isolation, untilEnd } = this.#reading
    if (ranges.length === 0 && !untilEnd) await aborted(signal)
    // By the clock, not by the next record: a topic that falls silent would keep the last positions back.
    const committing = setInterval(
      () => void this.#commit().catch((error) => this.#fail(error)),
      COMMIT_EVERY_MS,
    )
    try {
      for await (const chunk of readTopic(this.#cluster, { topic, ranges, isolation, untilEnd, signal })) {
        if (!(await this.#takeAll(chunk, take))) return false
      }
      return true
    } finally {
      clearInterval(committing)
      await this.#committing
    }
  }

  async #takeAll({ partition, records, next }: Chunk, take: Take): Promise<boolean> {
    for (const record of records) {
      const goesOn = await take(record)
      this.#positions.set(partition, record.offset + 1)
      if (!goesOn) return false
    }
    this.#positions.set(partition, next)
    return true
  }

  async #ranges(isLost: boolean, signal: AbortSignal): Promise<Range[]> {
    const { topic, isolation, fallback } = this.#reading
    const ours = this.#consumer.assignments?.find((part) => part.topic === topic)?.partitions ?? []
    if (ours.length === 0) return []
    const committed = await this.#consumer.listCommittedOffsets({ topics: [{ topic, partitions: ours }] })
    const ranges = await rangesFrom(this.#cluster, topic, ours, {
      start: { at: fallback },
      isolation,
      signal,
    })
    return ranges.map((range) => {
      const position = Number(committed.get(topic)?.[range.partition] ?? -1n)
      const isThere = position >= range.start && position <= range.end
      if (isLost ? isThere : position >= 0) return { ...range, position }
      // As Java consumers do: where we begin is a position too, or the group would begin anew each time.
      this.#positions.set(range.partition, range.position)
      return range
    })
  }

  /** Commits what was taken so far, one commit after the other. */
  #commit(): Promise<void> {
    this.#committing = this.#committing.then(() => this.#commitTaken())
    return this.#committing
  }

  async #commitTaken(): Promise<void> {
    const { topic } = this.#reading
    const offsets = [...this.#positions].map(([partition, offset]) => {
      return { topic, partition, offset: BigInt(offset), leaderEpoch: -1 }
    })
    this.#positions.clear()
    if (offsets.length === 0) return
    try {
      await this.#consumer.commit({ offsets })
    } catch (error) {
      // The group has gone on without us; whoever has the partitions now reads these records again.
      if (!isOutdated(error)) throw error
    }
  }
}

/** The library marks errors that a member answers by joining again. */
function isOutdated(error: unknown): boolean {
  return error instanceof Error && findErrorBy(error, 'needsRejoin', true) !== null
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort')
}
