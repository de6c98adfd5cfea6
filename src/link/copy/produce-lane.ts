import { errorOf } from '../../wire/error-codes.ts'
import type { PartitionCopier, Sending } from '../copier/partition.ts'
import { refusedBatch } from '../errors.ts'
import { diverged, waitingFor } from '../evidence.ts'
import type { DestinationPort, Produced } from '../port.ts'
import type { Copying } from './copying.ts'
import { limits } from './limits.ts'

type Outgoing = { readonly copier: PartitionCopier; readonly sending: Sending & { readonly kind: 'batch' } }

/**
 * One connection to one destination broker. Partitions queue up with a batch ready; every request takes one batch of
 * as many of them as fit, since a broker works on one request of a connection at a time.
 */
export class ProduceLane {
  readonly #copying: Copying
  readonly #destination: DestinationPort
  readonly #node: number
  readonly #lane: number
  #ready: PartitionCopier[] = []
  readonly #queued = new Set<PartitionCopier>()
  #inFlight = 0
  #inFlightBytes = 0
  #requests = 0

  constructor(copying: Copying, destination: DestinationPort, node: number, lane: number) {
    this.#copying = copying
    this.#destination = destination
    this.#node = node
    this.#lane = lane
  }

  enqueue(copier: PartitionCopier): void {
    if (this.#queued.has(copier)) return
    this.#queued.add(copier)
    this.#ready.push(copier)
  }

  pump(): void {
    while (this.#ready.length > 0 && this.#hasRoom() && this.#copying.mayWrite) {
      const outgoing = this.#collect()
      if (outgoing.length > 0) this.#copying.sending(this.#send(outgoing))
    }
  }

  #hasRoom(): boolean {
    return this.#inFlight < limits.produceInFlightMax && this.#inFlightBytes < limits.produceInFlightBytesMax
  }

  #collect(): Outgoing[] {
    const outgoing: Outgoing[] = []
    const turn = this.#requests++ % 2 === 0 ? soonFirst(this.#ready) : this.#ready
    this.#ready = []
    let bytes = 0
    for (const [index, copier] of turn.entries()) {
      if (bytes >= limits.produceRequestBytesMax) {
        this.#ready = turn.slice(index).concat(this.#ready)
        break
      }
      const mergedBefore = copier.mergedBatches
      const sending = copier.takeBatch()
      this.#copying.counters.mergedBatches += copier.mergedBatches - mergedBefore
      if (sending?.kind === 'batch') {
        outgoing.push({ copier, sending })
        bytes += sending.bytes.length
      }
      if (sending !== null && copier.queue.first()?.kind === 'batch') this.#ready.push(copier)
      else this.#queued.delete(copier)
    }
    return outgoing
  }

  async #send(outgoing: readonly Outgoing[]): Promise<void> {
    const bytes = outgoing.reduce((sum, { sending }) => sum + sending.bytes.length, 0)
    this.#inFlight++
    this.#inFlightBytes += bytes
    try {
      const items = outgoing.map(({ copier, sending }) => ({ ...copier.at, batch: sending.bytes }))
      const answers = await this.#destination.produce(this.#node, this.#lane, items)
      for (const [index, sent] of outgoing.entries()) this.#settle(sent, answers[index]!)
    } catch (error) {
      this.#copying.lost(outgoing, error)
    } finally {
      this.#inFlight--
      this.#inFlightBytes -= bytes
    }
    this.#copying.settled(outgoing.map(({ copier }) => copier))
  }

  #settle({ copier, sending }: Outgoing, answer: Produced): void {
    if (answer.errorCode === 0 && answer.baseOffset === sending.offset) {
      copier.acknowledge(sending)
      this.#copying.strikes.clear(copier)
      this.#copying.counters.batchLanded(sending)
      return
    }
    copier.fail(sending)
    if (answer.errorCode === 0) {
      const seen = { expected: sending.offset, actual: answer.baseOffset }
      this.#copying.diverged(copier, diverged(copier.at, seen), sending.offset)
      return
    }
    const fault = refusedBatch(copier.at, sending, answer)
    if (fault !== null) copier.raise(fault)
    else {
      const why = `Produce answered ${errorOf(answer.errorCode).name}`
      this.#copying.troubled(copier, why, waitingFor(copier.at, sending.offset, answer.errorCode))
    }
  }
}

/** Partitions with little waiting are live or nearly: their newest records must not wait behind a backlog's. */
function soonFirst(ready: readonly PartitionCopier[]): PartitionCopier[] {
  const isSoon = ({ queue }: PartitionCopier) => queue.bytes < limits.produceSoonBytes
  return [...ready.filter(isSoon), ...ready.filter((copier) => !isSoon(copier))]
}
