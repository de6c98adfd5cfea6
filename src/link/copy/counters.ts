import type { Sending } from '../copier/partition.ts'
import type { LinkCounters } from '../status.ts'
import { Tally } from './tally.ts'

/** What a link has done since its worker started. */
export class Counters {
  records = 0
  bytes = 0
  batches = 0
  gapOffsets = 0
  recutBatches = 0
  recoveries = 0
  readonly events = new Tally()
  fetchedBytes = 0
  mergedBatches = 0

  batchLanded(sending: Sending & { readonly kind: 'batch' }): void {
    this.records += sending.count
    this.bytes += sending.bytes.length
    this.batches++
  }

  gapFilled(sending: Sending): void {
    this.gapOffsets += sending.count
  }

  /** What one offset of the source weighs, from what was copied so far; null before anything was. */
  get bytesPerOffset(): number | null {
    return this.records === 0 ? null : this.bytes / (this.records + this.gapOffsets)
  }

  snapshot(): LinkCounters {
    const { records, bytes, fetchedBytes, batches, gapOffsets, recoveries } = this
    const { recutBatches, mergedBatches } = this
    return { records, bytes, fetchedBytes, batches, gapOffsets, recutBatches, mergedBatches, recoveries }
  }
}
