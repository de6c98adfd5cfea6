import type { Clock } from '../../base/clock.ts'
import { crc32c } from '../../wire/crc32c.ts'
import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import { linkError } from '../errors.ts'
import type { MarkerItem, PartitionAnswer, TopicPartition } from '../port.ts'
import { GapLane } from './gap-lane.ts'
import type { TransactionPort } from './port.ts'

/** A partition below min.insync.replicas holds up those that share its lane; more lanes, fewer of them. */
const LANES = 8
/** Ids that fill a gap at the same time: one alone is bound by the coordinator's round trip. */
const IDS_OF_A_LANE = 4

/** The transactional ids of a link begin with this. */
export function transactionalIdPrefix(link: string): string {
  return `__kmc_link_${link}`
}

/** Every transactional id of a link. A later version that uses others must take these over as well. */
export function transactionalIdsOf(link: string): string[] {
  return Array.from({ length: LANES }, (_, lane) => idsOfLane(link, lane)).flat()
}

function idsOfLane(link: string, lane: number): string[] {
  return Array.from({ length: IDS_OF_A_LANE }, (_, id) => `${transactionalIdPrefix(link)}-${lane}-${id}`)
}

export type GapTransactionsOptions = {
  readonly link: string
  readonly port: TransactionPort
  readonly isOurs: () => Promise<boolean>
  readonly note: (producerIds: readonly number[]) => Promise<void>
  readonly clock: Clock
}

/**
 * Fills gaps by empty transactions, for a principal that may not write markers itself. The fence is the epoch of the
 * link's transactional ids: a worker takes over the ids of a partition's lane before it first reads where the
 * partition ends, so no marker of another worker can land after that. Data keep the link's own producer id and its
 * sequences, exactly as with markers: a bumped epoch would let the first batch land wherever the log ends.
 */
export class GapTransactions {
  readonly #lanes: readonly GapLane[]

  constructor({ link, ...options }: GapTransactionsOptions) {
    this.#lanes = Array.from({ length: LANES }, (_, lane) => {
      return new GapLane({ ids: idsOfLane(link, lane), ...options })
    })
  }

  async fill(node: number, items: readonly MarkerItem[]): Promise<readonly PartitionAnswer[]> {
    const byLane = Map.groupBy(items, (item) => this.#laneOf(item))
    const answers = new Map<MarkerItem, PartitionAnswer>()
    const fillings = [...byLane].map(async ([lane, part]) => {
      for (const [index, answer] of (await lane.fill(node, part)).entries()) answers.set(part[index]!, answer)
    })
    await Promise.all(fillings)
    return items.map((item) => answers.get(item)!)
  }

  /** Before a position is read: 0 for partitions whose lane is settled, else why it is not. */
  async settle(partitions: readonly TopicPartition[]): Promise<number[]> {
    const lanes = new Set(partitions.map((at) => this.#laneOf(at)))
    const codes = new Map(
      await Promise.all([...lanes].map(async (lane) => [lane, await lane.settle()] as const)),
    )
    return partitions.map((at) => codes.get(this.#laneOf(at))!)
  }

  /**
   * Before a topic is made: a transaction left open over one of the same name, deleted since, would put its marker
   * into the new one. Errors: MIRROR_FAILED, retriable.
   */
  async settleAll(): Promise<void> {
    const codes = await Promise.all(this.#lanes.map((lane) => lane.settle()))
    const code = codes.find((one) => one !== ErrorCode.NONE)
    if (code === undefined) return
    const { name } = errorOf(code)
    const isRight = name.endsWith('AUTHORIZATION_FAILED')
    const text = `the transactional ids of the link could not be taken over: ${name}`
    throw linkError(isRight ? 'NOT_AUTHORIZED' : 'MIRROR_FAILED', text, {
      retriable: true,
      context: { name },
    })
  }

  #laneOf({ topic, partition }: TopicPartition): GapLane {
    return this.#lanes[(crc32c(Buffer.from(topic)) + partition) % LANES]!
  }
}
