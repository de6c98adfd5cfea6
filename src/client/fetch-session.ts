import type { Input } from '../wire/api.ts'
import type { FetchRequest } from '../wire/apis/001-fetch.ts'
import { ClientError } from './errors.ts'
import type { FetchedPartition, FetchPartition } from './fetch.ts'

/** Of a question that opens a session, and closes the one that it names. */
const EPOCH_OPENING = 0
const EPOCH_MAX = 2 ** 31 - 1

type Entry = {
  /** As the broker was told last. */
  asked: FetchPartition
  /** The number of the question that it stood in last. */
  turn: number
  /** Its part of the answer that has just come. */
  fresh: FetchedPartition | null
  /** What is true while the broker says nothing: the last answer without its records. */
  quiet: FetchedPartition | null
}

type Question = Pick<Input<FetchRequest>, 'sessionId' | 'sessionEpoch' | 'topics' | 'forgottenTopicsData'>

/**
 * What one broker and one reader remember of the reader's last Fetch (KIP-227), so that only what changed goes over
 * the wire: partitions that are new, stand elsewhere or are left out on the way there; records, moved ends and errors
 * on the way back. Kafka's `FetchSession.CachedPartition` says when a broker may be silent. Without I/O. One question
 * at a time; all topics by id; the broker fills its answer in an order of its own (who got something goes last).
 */
export class FetchSession {
  #id = 0
  #epoch = EPOCH_OPENING
  #turn = 0
  /** By topic id, then by partition. */
  readonly #entries = new Map<string, Map<number, Entry>>()
  #size = 0
  /** The entries of the last question, in its order. */
  #order: Entry[] = []

  /** How to ask for exactly these, each once. */
  ask(partitions: readonly FetchPartition[]): Question {
    this.#turn++
    const named = new Map<string, FetchPartition[]>()
    this.#order = partitions.map((partition) => {
      const known = this.#entries.get(partition.topicId)?.get(partition.partition)
      if (known === undefined || !isSame(known.asked, partition)) add(named, partition.topicId, partition)
      const entry = known ?? this.#enter(partition)
      entry.asked = partition
      entry.turn = this.#turn
      return entry
    })
    return {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      topics: Array.from(named, ([topicId, partitions]) => ({ topicId, partitions })),
      forgottenTopicsData: this.#size > partitions.length ? this.#forget() : [],
    }
  }

  /** One partition's part of the answer. @throws INCOMPLETE_RESPONSE for one that was not asked */
  put(topicId: string, partition: number, read: (topic: string) => FetchedPartition): void {
    const entry = this.#entries.get(topicId)?.get(partition)
    if (entry === undefined) {
      throw mismatch(`names partition ${partition} of topic id ${topicId}, which was not asked`)
    }
    entry.fresh = read(entry.asked.topic)
  }

  /** The answer is complete: one result for each that was asked, in that order. */
  finish(sessionId: number): FetchedPartition[] {
    const results = this.#order.map((entry) => {
      const { fresh, quiet, asked } = entry
      const result = fresh ?? quiet
      if (result === null) throw mismatch(`leaves out ${asked.topic}-${asked.partition}`)
      if (fresh !== null) {
        entry.fresh = null
        // What has an error, or another way of its log, is told again each time.
        entry.quiet = fresh.errorCode === 0 && fresh.diverging === null ? silent(fresh) : null
      }
      return result
    })
    this.#id = sessionId
    // A broker with no place for another session gives none; then all is asked anew.
    if (sessionId === 0) this.reset()
    else this.#epoch = this.#epoch === EPOCH_MAX ? 1 : this.#epoch + 1
    return results
  }

  /** What the broker knows is in doubt: the next question opens a session anew, and closes this one. */
  reset(): void {
    this.#epoch = EPOCH_OPENING
    this.#entries.clear()
    this.#size = 0
    this.#order = []
  }

  #enter(asked: FetchPartition): Entry {
    const entry: Entry = { asked, turn: 0, fresh: null, quiet: null }
    const partitions = this.#entries.get(asked.topicId)
    if (partitions === undefined) this.#entries.set(asked.topicId, new Map([[asked.partition, entry]]))
    else partitions.set(asked.partition, entry)
    this.#size++
    return entry
  }

  /** Drops those that the last question left out, and names them. */
  #forget(): { topicId: string; partitions: number[] }[] {
    const forgotten = new Map<string, number[]>()
    for (const [topicId, partitions] of this.#entries) {
      for (const [partition, { turn }] of partitions) {
        if (turn === this.#turn) continue
        partitions.delete(partition)
        this.#size--
        add(forgotten, topicId, partition)
      }
      if (partitions.size === 0) this.#entries.delete(topicId)
    }
    return Array.from(forgotten, ([topicId, partitions]) => ({ topicId, partitions }))
  }
}

function add<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

function isSame(one: FetchPartition, other: FetchPartition): boolean {
  return (
    one.fetchOffset === other.fetchOffset &&
    one.lastFetchedEpoch === other.lastFetchedEpoch &&
    one.partitionMaxBytes === other.partitionMaxBytes &&
    one.currentLeaderEpoch === other.currentLeaderEpoch
  )
}

function silent(answer: FetchedPartition): FetchedPartition {
  return answer.records === null ? answer : { ...answer, abortedTransactions: [], records: null }
}

function mismatch(why: string): ClientError {
  return new ClientError('INCOMPLETE_RESPONSE', `The answer to Fetch ${why}.`)
}
