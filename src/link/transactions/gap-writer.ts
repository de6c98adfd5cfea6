import { KmcError } from '../../base/error.ts'
import { KafkaError } from '../../client/errors.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { TopicPartition } from '../port.ts'
import type { TransactionHolder, TransactionPort } from './port.ts'

/** A partition and how many offsets of its gap this id still fills. */
export type Share = TopicPartition & { readonly count: number }

/**
 * One transactional id that fills gaps: each empty transaction puts one COMMIT marker, hence one offset, into each of
 * its partitions. After any doubt it holds nothing until it has taken its id over again, which ends what was open.
 */
export class GapWriter {
  readonly #id: string
  readonly #port: TransactionPort
  #holder: TransactionHolder | null = null

  constructor(id: string, port: TransactionPort) {
    this.#id = id
    this.#port = port
  }

  /** Whether nothing of this id can land any more that this worker does not know of. */
  get isSettled(): boolean {
    return this.#holder !== null
  }

  get producerId(): number | null {
    return this.#holder?.producerId ?? null
  }

  doubt(): void {
    this.#holder = null
  }

  async settle(): Promise<void> {
    this.#holder ??= await this.#port.takeOver(this.#id)
  }

  /** Fills the shares, round by round. Gives the error code of each partition that was not filled in full. */
  async fill(shares: readonly Share[]): Promise<ReadonlyMap<TopicPartition, number>> {
    const failures = new Map<TopicPartition, number>()
    const rounds = Math.max(0, ...shares.map(({ count }) => count))
    for (let round = 0; round < rounds; round++) {
      const due = shares.filter((share) => share.count > round && !failures.has(share))
      const code = await this.#mark(due)
      if (code === ErrorCode.NONE) continue
      // One bad partition keeps the others of its transaction out: apart from each other they say which one it is.
      for (const share of due) {
        const alone = due.length > 1 && this.isSettled ? await this.#mark([share]) : code
        if (alone !== ErrorCode.NONE) failures.set(share, alone)
      }
    }
    return failures
  }

  /** One empty transaction. An answered refusal to begin it leaves nothing behind; everything else is a doubt. */
  async #mark(partitions: readonly TopicPartition[]): Promise<number> {
    const holder = this.#holder
    if (holder === null) return ErrorCode.NETWORK_EXCEPTION
    if (partitions.length === 0) return ErrorCode.NONE
    try {
      await this.#port.add(holder, partitions)
    } catch (error) {
      if (!isPlainRefusal(error)) this.doubt()
      return codeOf(error)
    }
    try {
      await this.#port.commit(holder)
      return ErrorCode.NONE
    } catch (error) {
      this.doubt()
      return codeOf(error)
    }
  }
}

/** Refusals of a partition or of a right: the id itself is as it was. */
const PLAIN_REFUSALS: ReadonlySet<number> = new Set([
  ErrorCode.TOPIC_AUTHORIZATION_FAILED,
  ErrorCode.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
  ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
])

function isPlainRefusal(error: unknown): boolean {
  return error instanceof KafkaError && PLAIN_REFUSALS.has(error.kafkaCode)
}

/**
 * The code for the marker lane. A lost epoch is told as PRODUCER_FENCED: the coordinator takes it away also from a
 * transaction that was open for too long, so it alone does not prove that another worker has taken over.
 */
export function codeOf(error: unknown): number {
  if (!(error instanceof KmcError)) throw error
  if (!(error instanceof KafkaError)) return ErrorCode.NETWORK_EXCEPTION
  return error.kafkaCode === ErrorCode.INVALID_PRODUCER_EPOCH ? ErrorCode.PRODUCER_FENCED : error.kafkaCode
}
