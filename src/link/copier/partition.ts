import { readBatchHeader, rewriteBatchHeader } from '../../wire/batch/header.ts'
import { tailDiffers } from '../evidence.ts'
import { type Fetched, plainMemory, type RecordsMemory, type TopicPartition } from '../port.ts'
import type { Fault } from '../status.ts'
import { decide } from './decide.ts'
import { mergeWaiting } from './merge.ts'
import { type BatchPiece, PieceQueue } from './piece.ts'
import { sequenceAfter } from './sequence.ts'
import { type EpochStart, SourceEpochs } from './source-epochs.ts'
import { compareTail } from './tail.ts'

export type CopierPhase =
  /** Its position must be read from the destination's log before anything is sent. */
  | 'recovering'
  | 'copying'
  /** Something went wrong: nothing more is sent, and once nothing is in flight it recovers. */
  | 'draining'
  | 'stopped'
  | 'faulted'

/** The link's own writer identity; the same for all of its partitions. */
export type Writer = { readonly producerId: number; readonly producerEpoch: number }

/** Something on its way to the destination. `incarnation` tells an answer of before a recovery from one of now. */
export type Sending = {
  readonly offset: number
  readonly count: number
  readonly incarnation: number
} & (
  | { readonly kind: 'batch'; readonly bytes: Buffer; readonly timestamp: number }
  | { readonly kind: 'gap'; readonly producerEpoch: number }
)

/** What is known of the destination's log end: the only position a link has. */
export type Recovered = {
  readonly end: number
  /** The writer's epoch in the log; left out: the one it had. */
  readonly producerEpoch?: number | undefined
  readonly nextSequence: number
  /** The leader knows nothing of the writer, so that it takes whichever batch arrives first. Default: it does. */
  readonly unguarded?: boolean
  /** The mirror's last batch with records, to be compared with what the source has there; null when there is none. */
  readonly tail?: Buffer | null
  /** From here to `end` nothing but markers stands behind that batch; left out: only the batch is known. */
  readonly markersFrom?: number | undefined
  /** An operator has accepted that the source's records below this offset are lost: from `end` to there is a gap. */
  readonly acceptedTo?: number
  /** Of the source, as earlier workers noted them; left out: nobody keeps them. */
  readonly epochs?: readonly EpochStart[] | null
  /** Below this offset others wrote the mirror, and the source's epochs say nothing. */
  readonly adoptedTo?: number
}

/** An int16; whoever gets there is fenced no more, and goes on. */
const PRODUCER_EPOCH_MAX = 32_767

/**
 * One partition of a link as a state machine without I/O: fetched bytes go in by `accept`, what may be sent comes
 * out by `takeBatch` and `takeGap`, answers go in by `acknowledge` and `fail`. It never resends: after any doubt it
 * waits until nothing is in flight and asks for its position again (recovery).
 */
export class PartitionCopier {
  readonly at: TopicPartition
  readonly writer: Writer
  readonly queue: PieceQueue
  readonly #memory: RecordsMemory
  #phase: CopierPhase = 'recovering'
  #incarnation = 0
  #inFlight = 0
  #inFlightBytes = 0
  #gapInFlight = false
  #sequence = 0
  #producerEpoch: number
  /** The highest that a marker was sent with, answered or not. */
  #fencedWith = 0
  #sendOffset = 0
  #position = 0
  #tail: Buffer | null = null
  #compareFrom = 0
  #markersFrom = Infinity
  readonly epochs = new SourceEpochs()
  #unguarded = false
  #confirmed: number | null = null
  #provenTo: number | null = null
  #fault: Fault | null = null
  #reachedTimestamp: number | null = null
  recutBatches = 0
  /** Batches of the source that went over inside a larger one. */
  mergedBatches = 0

  constructor(at: TopicPartition, writer: Writer, memory: RecordsMemory = plainMemory) {
    this.at = at
    this.writer = writer
    this.#producerEpoch = writer.producerEpoch
    this.queue = new PieceQueue(memory)
    this.#memory = memory
  }

  get phase(): CopierPhase {
    return this.#phase
  }
  get incarnation(): number {
    return this.#incarnation
  }
  /** The next offset that is wanted from the source. */
  get position(): number {
    return this.#position
  }
  /** Where the next fetch begins: earlier as long as the mirror's tail is to be compared. */
  get fetchOffset(): number {
    return this.#tail === null ? this.#position : this.#compareFrom
  }
  /** Leader epoch of the source's batch just before `fetchOffset`; -1 when it is not known. */
  get lastEpoch(): number {
    return this.epochs.at(this.fetchOffset - 1)
  }
  /** Next offset of the mirror as confirmed by the destination; null before the first recovery. */
  get confirmed(): number | null {
    return this.#confirmed
  }
  /** Up to where this worker has sent: what stands beyond is another's. */
  get sentTo(): number {
    return this.#sendOffset
  }
  /**
   * Up to where an answer with an offset has proved that what it sent stands in its place; null before the first
   * recovery. Markers are answered without one.
   */
  get provenTo(): number | null {
    return this.#provenTo
  }
  get fault(): Fault | null {
    return this.#fault
  }
  /** Bytes held for this partition, waiting or on their way. */
  get heldBytes(): number {
    return this.queue.bytes + this.#inFlightBytes
  }
  /** Whether no answer is awaited any more. */
  get settled(): boolean {
    return this.#inFlight === 0
  }
  /** Timestamp of the newest batch that the destination has confirmed; null before the first. */
  get reachedTimestamp(): number | null {
    return this.#reachedTimestamp
  }

  recovered(found: Recovered): void {
    const { end, nextSequence, producerEpoch, unguarded = false, tail = null, acceptedTo = 0 } = found
    if (this.#phase !== 'recovering') return
    if (found.epochs) this.epochs.restore(found.epochs, { floor: found.adoptedTo ?? 0, to: end })
    this.#phase = 'copying'
    this.#sendOffset = end
    this.#position = Math.max(end, acceptedTo)
    this.#confirmed = end
    this.#provenTo = end
    this.#sequence = nextSequence
    this.#unguarded = unguarded
    this.#producerEpoch = producerEpoch ?? this.#producerEpoch
    this.#tail = acceptedTo >= end ? null : tail
    this.#markersFrom = found.markersFrom ?? Infinity
    this.#compareFrom = tail === null ? end : readBatchHeader(tail, 0).baseOffset
    if (tail !== null) this.#reachedTimestamp ??= readBatchHeader(tail, 0).maxTimestamp
    if (acceptedTo > end) this.queue.pushGap(end, acceptedTo - end)
  }

  /** The source begins at this offset by now: only from there on can the tail be compared. */
  compareFrom(start: number): void {
    this.#compareFrom = Math.max(this.#compareFrom, start)
    if (this.#compareFrom >= this.#position) this.#tail = null
  }

  /** Takes what a fetch of `fetchOffset` in this incarnation answered. Throws for a batch that must not travel. */
  accept(fetched: Fetched, incarnation: number): void {
    if (this.#phase !== 'copying' || incarnation !== this.#incarnation) return
    if (this.#tail !== null) {
      const { found, to } = compareTail(fetched, {
        tail: this.#tail,
        markersFrom: this.#markersFrom,
        position: this.#position,
        epochs: this.epochs,
      })
      if (found !== null) throw tailDiffers(found)
      this.compareFrom(to)
    }
    const decided = decide(fetched, this.#position, this.queue, this.epochs)
    this.#position = decided.position
    this.recutBatches += decided.recutBatches
  }

  /** The next batch with its header rewritten for the destination, or null when a gap, an answer or data is awaited. */
  takeBatch(): Sending | null {
    const piece = this.queue.first()
    if (this.#phase !== 'copying' || this.#gapInFlight || piece?.kind !== 'batch') return null
    if (!this.epochs.areStored) return null
    // Nothing would refuse a second one after a refusal of the first.
    if (this.#unguarded && this.#inFlight > 0) return null
    const whole = this.#takeMerged() ?? piece
    if (whole === piece) this.queue.shift()
    const { producerId } = this.writer
    const producerEpoch = this.#producerEpoch
    rewriteBatchHeader(whole.bytes, { producerId, producerEpoch, baseSequence: this.#sequence })
    this.#sequence = sequenceAfter(this.#sequence, whole.count)
    return this.#send(whole)
  }

  /**
   * Up to `countMax` offsets of the next gap, when nothing of this partition is in flight: a marker has no sequence
   * number, so only an empty pipe tells which offset it will take. One that `fences` raises the writer's epoch: what
   * was sent before and never answered is refused from then on. A recovery must follow, which reads that epoch back.
   */
  takeGap(countMax: number, { fences = false } = {}): Sending | null {
    if (this.#phase !== 'copying' || this.#inFlight > 0 || !this.epochs.areStored) return null
    const gap = this.queue.takeGap(countMax)
    if (gap === null) return null
    this.#gapInFlight = true
    const { offset, count } = gap
    this.#inFlight++
    this.#sendOffset = offset + count
    const highest = Math.max(this.#producerEpoch, this.#fencedWith)
    const producerEpoch = fences ? Math.min(highest + 1, PRODUCER_EPOCH_MAX) : this.#producerEpoch
    this.#fencedWith = Math.max(this.#fencedWith, producerEpoch)
    return { kind: 'gap', offset, count, producerEpoch, incarnation: this.#incarnation }
  }

  /** The destination holds it, at the offset where it belongs (the caller has compared a batch's base offset). */
  acknowledge(sending: Sending): void {
    this.#landed(sending)
    if (sending.kind === 'batch') this.#memory.release(sending.bytes)
    if (sending.incarnation !== this.#incarnation) return
    this.#confirmed = sending.offset + sending.count
    if (sending.kind !== 'batch') return
    this.#provenTo = this.#confirmed
    this.#unguarded = false
    this.#reachedTimestamp = sending.timestamp
  }

  /**
   * Its fate is unknown or it was refused: stop sending, and recover once the pipe is empty. Its memory is not
   * released, since a socket may still be writing it; the garbage collector will know.
   */
  fail(sending: Sending): void {
    this.#landed(sending)
    this.recover()
  }

  /** Starts over from the destination's log end. What was fetched is dropped, since it may be there already. */
  recover(): void {
    if (this.#phase === 'stopped' || this.#phase === 'faulted') return
    this.#forget()
    this.#phase = this.#inFlight > 0 ? 'draining' : 'recovering'
  }

  /** Stops for good (paused, or no longer this worker's); answers still on their way are only counted off. */
  stop(): void {
    this.#forget()
    this.#phase = 'stopped'
  }

  /** Stops with a reason that an operator must look at. */
  raise(fault: Fault): void {
    if (this.#phase === 'stopped') return
    this.#forget()
    this.#phase = 'faulted'
    this.#fault = fault
  }

  /** Many small batches that wait, as one; null where there are not many. */
  #takeMerged(): BatchPiece | null {
    const merged = mergeWaiting(this.queue)
    if (merged === null) return null
    for (let count = 0; count < merged.count; count++) {
      const piece = this.queue.shift()
      if (piece?.kind === 'batch') this.#memory.release(piece.bytes)
    }
    this.#memory.hold(merged.piece.bytes)
    this.mergedBatches += merged.count
    return merged.piece
  }

  #forget(): void {
    this.#incarnation++
    this.#tail = null
    this.queue.clear()
  }

  #send(piece: BatchPiece): Sending {
    if (piece.offset !== this.#sendOffset) throw new Error(`copier out of step: ${piece.offset}`)
    this.#inFlight++
    this.#inFlightBytes += piece.bytes.length
    this.#sendOffset = piece.offset + piece.count
    const { offset, count, bytes, timestamp } = piece
    return { kind: 'batch', offset, count, bytes, timestamp, incarnation: this.#incarnation }
  }

  #landed(sending: Sending): void {
    this.#inFlight--
    if (sending.kind === 'batch') this.#inFlightBytes -= sending.bytes.length
    else this.#gapInFlight = false
    if (this.#phase === 'draining' && this.#inFlight === 0) this.#phase = 'recovering'
  }
}
