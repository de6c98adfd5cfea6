import type { Clock } from '../../base/clock.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { MarkerItem, PartitionAnswer, TopicPartition } from '../port.ts'
import { codeOf, GapWriter } from './gap-writer.ts'
import type { TransactionPort } from './port.ts'

/** Markers are in the log this long after their transaction's end at the latest, or the lane is in doubt. */
const LANDED_MS = 10_000
const LANDED_POLL_FIRST_MS = 2
const LANDED_POLL_LAST_MS = 100

export type GapLaneOptions = {
  readonly ids: readonly string[]
  readonly port: TransactionPort
  /** Whether this worker still holds the link. Asked after an id was taken over, before it is used. */
  readonly isOurs: () => Promise<boolean>
  /** Stores whose markers will stand in the logs, before any does. */
  readonly note: (producerIds: readonly number[]) => Promise<void>
  readonly clock: Clock
}

/**
 * The transactional ids that serve one share of a link's partitions: a partition always meets the same lane, so that
 * whoever settles the lane knows that no marker of a former worker can still come to its partitions.
 */
export class GapLane {
  readonly #options: GapLaneOptions
  readonly #writers: readonly GapWriter[]
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: GapLaneOptions) {
    this.#options = options
    this.#writers = options.ids.map((id) => new GapWriter(id, options.port))
  }

  /** Ends whatever may still be open here. 0, or the code that says why that could not be done yet. */
  settle(): Promise<number> {
    return this.#alone(() => this.#settle())
  }

  /** Fills the gaps and waits until every marker is in its log; one answer an item. */
  fill(node: number, items: readonly MarkerItem[]): Promise<readonly PartitionAnswer[]> {
    return this.#alone(async () => {
      const unsettled = await this.#settle()
      if (unsettled !== ErrorCode.NONE) return items.map((item) => ({ ...item, errorCode: unsettled }))
      const failures = await this.#share(items)
      const filled = items.filter((item) => !failures.has(item))
      const landed = await this.#landed(node, filled)
      // Where one id failed, markers of the others may still be on their way: only taking the ids over again tells.
      if (failures.size > 0) this.#doubt()
      return items.map((item) => ({ ...item, errorCode: failures.get(item) ?? landed.get(item)! }))
    })
  }

  /** One after the other: brokers of the destination each have a marker lane of their own, and may meet here. */
  #alone<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(work)
    this.#turn = result.catch(() => {})
    return result
  }

  async #settle(): Promise<number> {
    const doubtful = this.#writers.filter(({ isSettled }) => !isSettled)
    if (doubtful.length === 0) return ErrorCode.NONE
    const outcomes = await Promise.allSettled(doubtful.map((writer) => writer.settle()))
    const failure = outcomes.find((outcome) => outcome.status === 'rejected')
    const checked = failure ?? (await this.#checkLease())
    if (checked === null) return ErrorCode.NONE
    // What was taken over meanwhile was not checked against the lease: it is taken over again.
    for (const writer of doubtful) writer.doubt()
    return 'reason' in checked ? codeOf(checked.reason) : checked.code
  }

  async #checkLease(): Promise<{ readonly code: number } | { readonly reason: unknown } | null> {
    try {
      await this.#options.note(this.#writers.flatMap(({ producerId }) => producerId ?? []))
      return (await this.#options.isOurs()) ? null : { code: ErrorCode.TRANSACTION_COORDINATOR_FENCED }
    } catch (reason) {
      return { reason }
    }
  }

  /** Every id takes an even part of each gap: whose marker fills which offset makes no difference. */
  async #share(items: readonly MarkerItem[]): Promise<Map<MarkerItem, number>> {
    const width = this.#writers.length
    const results = await Promise.all(
      this.#writers.map(async (writer, index) => {
        const shares = items.map((item) => {
          return { ...item, item, count: Math.floor((item.count + width - 1 - index) / width) }
        })
        const failed = await writer.fill(shares)
        return shares.flatMap((share) => {
          const code = failed.get(share)
          return code === undefined ? [] : [[share.item, code] as const]
        })
      }),
    )
    return new Map(results.flat())
  }

  /** EndTxn answers before its markers are in the partitions: data sent now would stand before them. */
  async #landed(node: number, items: readonly MarkerItem[]): Promise<Map<TopicPartition, number>> {
    const { clock, port } = this.#options
    const codes = new Map<TopicPartition, number>()
    const deadline = clock.now() + LANDED_MS
    let waiting = items
    for (let pauseMs = LANDED_POLL_FIRST_MS; waiting.length > 0; pauseMs *= 2) {
      const answers = await port.ends(node, waiting).catch((error: unknown) => {
        const errorCode = codeOf(error)
        return waiting.map((item) => ({ ...item, errorCode, offset: -1 }))
      })
      const isLate = clock.now() >= deadline
      waiting = waiting.filter((item, index) => {
        const { errorCode, offset } = answers[index]!
        const isThere = errorCode === ErrorCode.NONE && offset >= item.offset + item.count
        if (!isThere && errorCode === ErrorCode.NONE && !isLate) return true
        codes.set(item, isThere ? ErrorCode.NONE : errorCode || ErrorCode.REQUEST_TIMED_OUT)
        return false
      })
      if (waiting.length > 0) await clock.sleep(Math.min(pauseMs, LANDED_POLL_LAST_MS))
    }
    // A marker that has not been seen may still come: only taking the ids over again tells.
    if ([...codes.values()].some((code) => code !== ErrorCode.NONE)) this.#doubt()
    return codes
  }

  #doubt(): void {
    for (const writer of this.#writers) writer.doubt()
  }
}
