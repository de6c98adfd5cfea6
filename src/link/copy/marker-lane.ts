import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import type { PartitionCopier, Sending } from '../copier/partition.ts'
import { notAuthorized } from '../errors.ts'
import { waitingFor } from '../evidence.ts'
import type { DestinationPort, PartitionAnswer } from '../port.ts'
import type { Copying } from './copying.ts'
import { limits } from './limits.ts'

type Outgoing = { readonly copier: PartitionCopier; readonly sending: Sending & { readonly kind: 'gap' } }

/** Fills gaps at one destination broker: one request at a time, many partitions and many markers in it. */
export class MarkerLane {
  readonly #copying: Copying
  readonly #destination: DestinationPort
  readonly #node: number
  readonly #waiting = new Set<PartitionCopier>()
  #busy = false

  constructor(copying: Copying, destination: DestinationPort, node: number) {
    this.#copying = copying
    this.#destination = destination
    this.#node = node
  }

  enqueue(copier: PartitionCopier): void {
    this.#waiting.add(copier)
  }

  pump(): void {
    if (this.#busy || this.#waiting.size === 0 || !this.#copying.mayWrite) return
    const outgoing: Outgoing[] = []
    const most = Math.min(
      limits.markersPerRequestMax,
      this.#destination.markersMax ?? Number.POSITIVE_INFINITY,
    )
    for (const copier of this.#waiting) {
      // The first marker of a generation, or after a request without an answer, goes alone: it fences the worker before
      // us and whatever is late of ours, and only then is the end certain.
      const fences = !this.#copying.isFencedOff(copier)
      const sending = copier.takeGap(fences ? 1 : most, { fences })
      if (sending?.kind === 'gap') outgoing.push({ copier, sending })
    }
    this.#waiting.clear()
    if (outgoing.length > 0) this.#copying.sending(this.#send(outgoing))
  }

  async #send(outgoing: readonly Outgoing[]): Promise<void> {
    this.#busy = true
    try {
      const items = outgoing.map(({ copier, sending }) => {
        const { offset, count, producerEpoch } = sending
        return { ...copier.at, offset, count, producerEpoch }
      })
      const answers = await this.#destination.writeMarkers(this.#node, this.#copying.markerWriter, items)
      for (const [index, sent] of outgoing.entries()) this.#settle(sent, answers[index]!)
    } catch (error) {
      this.#copying.lost(outgoing, error)
    } finally {
      this.#busy = false
    }
    this.#copying.settled(outgoing.map(({ copier }) => copier))
  }

  #settle({ copier, sending }: Outgoing, answer: PartitionAnswer): void {
    if (answer.errorCode !== 0) {
      copier.fail(sending)
      const fault = notAuthorized(copier.at, `markers at offset ${sending.offset}`, answer.errorCode)
      if (isFence(answer.errorCode)) this.#copying.fenced(copier, answer.errorCode)
      else if (fault !== null) copier.raise(fault)
      else {
        const why = `WriteTxnMarkers answered ${errorOf(answer.errorCode).name}`
        this.#copying.troubled(copier, why, waitingFor(copier.at, sending.offset, answer.errorCode))
      }
      return
    }
    copier.acknowledge(sending)
    this.#copying.strikes.clear(copier)
    this.#copying.counters.gapFilled(sending)
    if (!this.#copying.isFencedOff(copier)) {
      this.#copying.fencedOff(copier)
      copier.recover()
    }
  }
}

/** The broker has seen a marker of a later generation, or a later epoch of our producer id. */
function isFence(errorCode: number): boolean {
  return (
    errorCode === ErrorCode.TRANSACTION_COORDINATOR_FENCED || errorCode === ErrorCode.INVALID_PRODUCER_EPOCH
  )
}
