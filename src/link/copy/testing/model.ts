import { readBatchHeader } from '../../../wire/batch/header.ts'
import { readRecords } from '../../../wire/batch/records.ts'
import { ErrorCode } from '../../../wire/error-codes.ts'
import { fetched as answerOf, batch, controlBatch } from '../../copier/testing/batches.ts'
import { type DestinationPort, type MarkerWriter, plainMemory, type SourcePort } from '../../port.ts'

/** A source of one partition that hands out ready batches; offsets beyond the last are not there yet. */
export function modelSource(batches: readonly Buffer[], end: number): SourcePort {
  return {
    memory: plainMemory,
    leaderOf: () => 1,
    refresh: async () => {},
    pin: () => {},
    ranges: async (_node, partitions) => partitions.map((at) => ({ ...at, errorCode: 0, start: 0, end })),
    fetch: async (_node, items) => {
      await new Promise((resolve) => setTimeout(resolve, 1))
      return items.map(({ topic, partition, offset }) => {
        const rest = batches.filter((batch) => {
          const header = readBatchHeader(batch, 0)
          return header.baseOffset + header.lastOffsetDelta >= offset
        })
        // Views into one answer are rewritten in place by the link, so each answer is made anew.
        return {
          ...answerOf(rest.map((batch) => Buffer.from(batch))),
          topic,
          partition,
          lastStableOffset: end,
        }
      })
    },
  }
}

export type Fault = 'none' | 'lost-answer' | 'not-leader' | 'not-authorized' | 'not-enough-replicas'
type Request = 'produce' | 'markers'

/** A destination of one partition with the broker's rules for sequences and marker generations. */
export class ModelDestination implements DestinationPort {
  /** What stands at each offset: a record's value, or null for a marker. */
  readonly log: (string | null)[] = []
  /** Batches of one record that others wrote before this was a mirror. */
  readonly adopted = new Map<number, Buffer>()
  /** Asked before each write; lets a test lose answers or refuse. */
  fault: (request: Request) => Fault = () => 'none'
  readonly requests: Request[] = []
  readonly markerCounts: number[] = []
  #nextSequence = 0
  #generation = -1

  leaderOf(): number {
    return 1
  }
  async refresh(): Promise<void> {}
  async ends(_node: number, partitions: readonly { topic: string; partition: number }[]) {
    return partitions.map((at) => ({ ...at, errorCode: 0, offset: this.log.length }))
  }
  visibleEnds(node: number, partitions: readonly { topic: string; partition: number }[]) {
    return this.ends(node, partitions)
  }
  async producers(_node: number, partitions: readonly { topic: string; partition: number }[]) {
    const lastSequence = this.#nextSequence - 1
    const own = { producerId: 7, producerEpoch: 0, lastSequence, coordinatorEpoch: this.#generation }
    return partitions.map((at) => ({ ...at, errorCode: 0, producers: [own] }))
  }
  /** One record a batch; what is not `v<offset>` was not written by the link. */
  async tails(_node: number, items: readonly { topic: string; partition: number; offset: number }[]) {
    return items.map(({ topic, partition, offset }) => {
      const value = this.log[offset]
      const producerId = value === `v${offset}` ? 7 : 4711
      const copied =
        value === undefined
          ? null
          : value === null
            ? controlBatch(offset, 7, 'COMMIT')
            : batch({ offsets: [offset], producerId, values: [value] })
      return { topic, partition, errorCode: 0, batch: this.adopted.get(offset) ?? copied }
    })
  }
  async deleteRecords(_node: number, items: readonly { topic: string; partition: number }[]) {
    return items.map((at) => ({ ...at, errorCode: 0 }))
  }

  async produce(
    _node: number,
    _lane: number,
    items: readonly { topic: string; partition: number; batch: Buffer }[],
  ) {
    const kind = this.#arrive('produce')
    const answers = items.map(({ topic, partition, batch }) => {
      const at = { topic, partition, message: null }
      const { baseSequence, recordCount } = readBatchHeader(batch, 0)
      if (kind === 'not-leader') return { ...at, errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER, baseOffset: -1 }
      if (kind === 'not-authorized') {
        return { ...at, errorCode: ErrorCode.TOPIC_AUTHORIZATION_FAILED, baseOffset: -1 }
      }
      if (kind === 'not-enough-replicas') {
        return { ...at, errorCode: ErrorCode.NOT_ENOUGH_REPLICAS, baseOffset: -1 }
      }
      if (baseSequence !== this.#nextSequence) {
        return { ...at, errorCode: ErrorCode.OUT_OF_ORDER_SEQUENCE_NUMBER, baseOffset: -1 }
      }
      const baseOffset = this.log.length
      for (const record of readRecords(batch)) this.log.push(record.value?.toString() ?? '')
      this.#nextSequence += recordCount
      return { ...at, errorCode: 0, baseOffset }
    })
    return this.#answer(kind, answers)
  }

  async writeMarkers(
    _node: number,
    { generation }: MarkerWriter,
    items: readonly { topic: string; partition: number; count: number }[],
  ) {
    const kind = this.#arrive('markers')
    const answers = items.map(({ topic, partition, count }) => {
      const at = { topic, partition }
      if (kind === 'not-leader') return { ...at, errorCode: ErrorCode.NOT_LEADER_OR_FOLLOWER }
      if (kind === 'not-authorized') return { ...at, errorCode: ErrorCode.CLUSTER_AUTHORIZATION_FAILED }
      if (generation < this.#generation) {
        return { ...at, errorCode: ErrorCode.TRANSACTION_COORDINATOR_FENCED }
      }
      this.#generation = generation
      this.markerCounts.push(count)
      for (let i = 0; i < count; i++) this.log.push(null)
      return { ...at, errorCode: 0 }
    })
    return this.#answer(kind, answers)
  }

  /** Somebody else with a later generation writes a marker. */
  takeOver(generation: number): void {
    this.#generation = generation
  }

  #arrive(request: Request): Fault {
    this.requests.push(request)
    return this.fault(request)
  }

  async #answer<T>(kind: Fault, answers: T): Promise<T> {
    await new Promise((resolve) => setTimeout(resolve, 1))
    if (kind === 'lost-answer') throw new Error('the connection was lost')
    return answers
  }
}
