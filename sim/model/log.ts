import { buildBatch } from '../../src/wire/batch/build.ts'
import { encodeMarker } from '../../src/wire/batch/control.ts'
import { type BatchHeader, isTransactional, readBatchHeader } from '../../src/wire/batch/header.ts'
import { ErrorCode } from '../../src/wire/error-codes.ts'
import { EpochCache } from './epochs.ts'
import {
  judgeBatch,
  judgeMarker,
  type Marker,
  type ProducerEntry,
  withBatch,
  withMarker,
} from './producers.ts'

/** A batch as it stands in a log: offsets from `base` to before `next`, real bytes of format 2. */
export type Stored = {
  readonly base: number
  readonly next: number
  readonly bytes: Buffer
  readonly header: BatchHeader
  readonly control: boolean
  /** What the leader knew of the producer before, so that a truncation can go back to it. */
  readonly before: ProducerEntry | undefined
  /** Whether a sequence number vouched for its place. */
  readonly guarded: boolean
}

export type Aborted = {
  readonly producerId: number
  readonly firstOffset: number
  readonly lastOffset: number
}

export type Appended = {
  readonly errorCode: number
  readonly baseOffset: number
  readonly stored: Stored | null
}

const PRODUCER_EXPIRATION_MS = 86_400_000

/** One partition's log at its leader, with the rules of Kafka's UnifiedLog and ProducerStateManager. */
export class PartitionLog {
  entries: Stored[] = []
  start = 0
  end = 0
  highWatermark = 0
  leaderEpoch = 0
  aborted: Aborted[] = []
  readonly producers = new Map<number, ProducerEntry>()
  readonly epochs = new EpochCache()
  /** When the leader last forgot a producer. */
  expiredAt = 0

  /** The last stable offset: nothing below it is undecided. */
  get stable(): number {
    let stable = this.highWatermark
    for (const { transactionStart } of this.producers.values()) {
      if (transactionStart !== null && transactionStart < stable) stable = transactionStart
    }
    return stable
  }

  /** Appends one batch, whose bytes become the log's: base offset and leader epoch are written into it. */
  append(bytes: Buffer): Appended {
    const header = readBatchHeader(bytes, 0)
    const before = this.producers.get(header.producerId)
    const verdict = judgeBatch(before, header)
    if (verdict.kind === 'refused') return { errorCode: verdict.errorCode, baseOffset: -1, stored: null }
    if (verdict.kind === 'duplicate') {
      return { errorCode: ErrorCode.NONE, baseOffset: verdict.baseOffset, stored: null }
    }
    const base = this.end
    bytes.writeBigInt64BE(BigInt(base), 0)
    bytes.writeInt32BE(this.leaderEpoch, 12)
    const stored = {
      base,
      next: base + header.lastOffsetDelta + 1,
      bytes,
      header: { ...header, baseOffset: base, partitionLeaderEpoch: this.leaderEpoch },
      control: false,
      before,
      guarded: verdict.guarded,
    }
    this.#put(stored)
    if (header.producerId >= 0) {
      this.producers.set(header.producerId, withBatch(before, header, base, isTransactional(header)))
    }
    return { errorCode: ErrorCode.NONE, baseOffset: base, stored }
  }

  /** Appends one transaction marker, which takes one offset; without an open transaction it only does that. */
  mark(marker: Marker): Appended {
    const before = this.producers.get(marker.producerId)
    const errorCode = judgeMarker(before, marker)
    if (errorCode !== 0) return { errorCode, baseOffset: -1, stored: null }
    const base = this.end
    const bytes = markerBytes(marker, base, this.leaderEpoch)
    const header = readBatchHeader(bytes, 0)
    const stored = { base, next: base + 1, bytes, header, control: true, before, guarded: true }
    this.#put(stored)
    const opened = before?.transactionStart ?? null
    if (!marker.commit && opened !== null) {
      this.aborted.push({ producerId: marker.producerId, firstOffset: opened, lastOffset: base })
    }
    this.producers.set(marker.producerId, withMarker(before, marker))
    return { errorCode, baseOffset: base, stored }
  }

  /** DeleteRecords and retention: whole batches go, the start may lie within one. */
  deleteTo(offset: number): void {
    this.start = Math.max(this.start, offset)
    this.epochs.deleted(this.start)
    const keep = this.entries.findIndex(({ next }) => next > this.start)
    this.entries.splice(0, keep < 0 ? this.entries.length : keep)
  }

  /** Takes the tail away from the batch on that holds `offset`; returns the new end. */
  truncate(offset: number): number {
    while (this.end > offset) {
      const last = this.entries.at(-1)
      if (last === undefined || last.next < this.end) {
        // What stood there was deleted or cleaned away.
        this.end = Math.max(offset, last?.next ?? this.start, this.start)
        break
      }
      if (last.base < this.start) break
      this.entries.pop()
      this.end = last.base
      const { producerId } = last.header
      if (last.before === undefined) this.producers.delete(producerId)
      else this.producers.set(producerId, last.before)
    }
    this.aborted = this.aborted.filter(({ lastOffset }) => lastOffset < this.end)
    this.highWatermark = Math.min(this.highWatermark, this.end)
    this.epochs.cut(this.end)
    return this.end
  }

  /** The leader's periodic look: who has written nothing young is forgotten, by the time of the records. */
  expireProducers(now: number): number {
    let expired = 0
    for (const [id, { lastTimestamp, transactionStart }] of this.producers) {
      if (transactionStart !== null || now - lastTimestamp < PRODUCER_EXPIRATION_MS) continue
      this.producers.delete(id)
      this.expiredAt = now
      expired++
    }
    return expired
  }

  /** Index of the batch that holds the offset, or of the next one. */
  indexOf(offset: number): number {
    let low = 0
    let high = this.entries.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (this.entries[middle]!.next <= offset) low = middle + 1
      else high = middle
    }
    return low
  }

  #put(stored: Stored): void {
    this.entries.push(stored)
    this.epochs.wrote(this.leaderEpoch, stored.base)
    this.end = stored.next
  }
}

function markerBytes(marker: Marker, base: number, leaderEpoch: number): Buffer {
  const { producerId, producerEpoch, coordinatorEpoch, commit, timestamp } = marker
  return buildBatch({
    records: [{ offset: base, timestamp, ...encodeMarker(commit ? 'COMMIT' : 'ABORT', coordinatorEpoch) }],
    partitionLeaderEpoch: leaderEpoch,
    producerId,
    producerEpoch,
    transactional: true,
    control: true,
  })
}
