import type { KmcError } from '../../base/error.ts'
import type { Cluster } from '../../client/cluster.ts'
import type { Lane } from '../../client/connection-pool.ts'
import { fetchRaw } from '../../client/fetch.ts'
import { listOffsetsAt } from '../../client/list-offsets.ts'
import { produceRaw } from '../../client/produce.ts'
import { visibleRecords } from '../../client/records/visible.ts'
import { retrying } from '../../client/retry.ts'
import { buildBatch } from '../../wire/batch/build.ts'
import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import { linkError } from '../errors.ts'
import { STATE_TOPIC } from './value.ts'

const AT = { topic: STATE_TOPIC, topicId: '', partition: 0 }
/** Reading waits at the broker, so writing needs a connection of its own. */
const READ_LANE = 'state-read'
/** A broker answers one request of a connection after the other: no read may stand behind a long poll. */
const FOLLOW_LANE = 'state-follow'
const WRITE_LANE = 'control'
/** Half of what a broker takes by default (message.max.bytes), so that keys and headers fit as well. */
const BATCH_BYTES = 512 * 1024
const FETCH_BYTES = 1024 * 1024
/** How long `next` waits at the broker for a change before it looks up, unless told otherwise. */
const FOLLOW_MS = 2_000
/** A broker that restarts takes seconds; what lasts longer is told. */
const TRYING_MS = 15_000

/** What a reader makes of the topic: its records as changes, and where those go. Others pass it over. */
export type StateWords<Change> = {
  encode(change: Change): { key: Buffer; value: Buffer | null }
  /** Null for a key that is not this reader's. @throws STATE_UNREADABLE */
  decode(key: Buffer | null, value: Buffer | null, offset: number): Change | null
  apply(change: Change): void
  /** Whether a change is only looked up, so that nobody has to be woken for it; left out: none is. */
  isQuiet?(change: Change): boolean
}

/** `__kmc_state` of one cluster as a log of changes: read in its order, and written to. */
export class StateLog<Change> {
  readonly #cluster: Cluster
  readonly #words: StateWords<Change>
  #position = 0

  constructor(cluster: Cluster, words: StateWords<Change>) {
    this.#cluster = cluster
    this.#words = words
  }

  /** Writes one change; it is applied once it was read back by `refresh` or `next`. */
  append(change: Change): Promise<void> {
    return this.#append([change])
  }

  /** The same for many changes, in as few batches as their size allows. */
  async appendAll(changes: readonly Change[]): Promise<void> {
    let batch: Change[] = []
    let bytes = 0
    for (const change of changes) {
      const { value } = this.#words.encode(change)
      const size = value?.length ?? 0
      if (batch.length > 0 && bytes + size > BATCH_BYTES) {
        await this.#append(batch)
        batch = []
        bytes = 0
      }
      batch.push(change)
      bytes += size
    }
    if (batch.length > 0) await this.#append(batch)
  }

  async #append(changes: readonly Change[]): Promise<void> {
    const timestamp = Date.now()
    const batch = buildBatch({
      records: changes.map((change) => ({ timestamp, ...this.#words.encode(change) })),
    })
    await this.#retrying(async (node) => {
      const [answer] = await produceRaw(this.#cluster, node, WRITE_LANE, [{ ...AT, batch }])
      return answer!.errorCode === 0 ? true : answer!.errorCode
    })
  }

  /** Reads to the end of the log as it is now. */
  async refresh(): Promise<void> {
    const end = await this.#retrying(async (node) => {
      const [answer] = await listOffsetsAt(this.#cluster, { node }, [AT], 'end')
      return answer!.errorCode === 0 ? { offset: answer!.offset } : answer!.errorCode
    })
    while (this.#position < end.offset) await this.#read(READ_LANE, 100)
  }

  /** Waits for the next change, for `waitMs` at most, and takes in what came; true when any of it is not quiet. */
  async next(signal?: AbortSignal, waitMs = FOLLOW_MS): Promise<boolean> {
    return await this.#read(FOLLOW_LANE, waitMs, signal)
  }

  async #read(lane: Lane, maxWaitMs: number, signal?: AbortSignal): Promise<boolean> {
    const fetched = await this.#retrying(async (node) => {
      const item = { ...AT, fetchOffset: this.#position, partitionMaxBytes: FETCH_BYTES }
      const options = { maxWaitMs, maxBytes: FETCH_BYTES, isolation: 'read_committed', signal } as const
      const [answer] = await fetchRaw(this.#cluster, node, lane, [item], options)
      return answer!.errorCode === 0 ? answer! : answer!.errorCode
    }, signal)
    const { records, next } = visibleRecords(fetched, this.#position, Number.POSITIVE_INFINITY)
    let isQuiet = true
    for (const { key, value, offset } of records) {
      // Another read, made meanwhile, may have taken it in already: going back would undo what came after.
      if (offset < this.#position) continue
      const change = this.#words.decode(key, value, offset)
      if (change !== null) this.#words.apply(change)
      isQuiet &&= change !== null && this.#words.isQuiet?.(change) === true
    }
    this.#position = Math.max(this.#position, next)
    return !isQuiet
  }

  /** Runs a request at the topic's leader until it gives something else than a retriable code, or time is over. */
  #retrying<T extends object | true>(
    request: (node: number) => Promise<T | number>,
    signal?: AbortSignal,
  ): Promise<T> {
    const what = `${STATE_TOPIC} on ${this.#cluster.name}`
    // A lost answer is the caller's to judge: writing again could undo what somebody wrote since.
    const isFinal = ({ code }: KmcError) => code !== 'STATE_UNREACHABLE'
    return retrying({ what, timeoutMs: TRYING_MS, signal, isFinal }, async () => {
      const answer = await request(await this.#cluster.leaderOf(AT.topic, AT.partition))
      if (typeof answer !== 'number') return answer
      const { name, retriable } = errorOf(answer)
      const isBehind = answer === ErrorCode.OFFSET_OUT_OF_RANGE
      if (isBehind) this.#position = 0
      if (retriable) await this.#cluster.refresh([AT.topic])
      const code = name.endsWith('AUTHORIZATION_FAILED') ? 'NOT_AUTHORIZED' : 'STATE_UNREACHABLE'
      const context = { error: name }
      throw linkError(code, `${what}: ${name}`, { context, retriable: retriable || isBehind })
    })
  }
}
