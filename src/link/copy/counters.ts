import type { Sending } from '../copier/partition.ts'
import type { LinkCounters } from '../status.ts'

/** What a link has done since its worker started. */
export class Counters {
  records = 0
  bytes = 0
  batches = 0
  gapOffsets = 0
  recoveries = 0

  batchLanded(sending: Sending & { readonly kind: 'batch' }): void {
    this.records += sending.count
    this.bytes += sending.bytes.length
    this.batches++
  }

  gapFilled(sending: Sending): void {
    this.gapOffsets += sending.count
  }

  snapshot(recutBatches: number): LinkCounters {
    const { records, bytes, batches, gapOffsets, recoveries } = this
    return { records, bytes, batches, gapOffsets, recutBatches, recoveries }
  }
}
