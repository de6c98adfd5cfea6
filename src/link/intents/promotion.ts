import { sumKnown } from '../report/lag.ts'

/** One look at a partition of a mirror that is being promoted; null is not known. */
export type PartitionLook = {
  readonly partition: number
  readonly mirrorEnd: number | null
  /** The source's last stable offset, and its high watermark: above the first lie transactions that are still open. */
  readonly sourceEnd: number | null
  readonly highWatermark: number | null
  /** Code of what stops the partition. */
  readonly fault: string | null
}

export type PromotionLook = {
  readonly at: number
  readonly partitions: readonly PartitionLook[]
  readonly groups: {
    /** When the positions that were carried over last were read at the source. */
    readonly asOf: number | null
    /** Groups whose positions cannot be carried over. */
    readonly faulted: readonly string[]
  }
}

/** What is remembered from one look to the next. */
export type Promotion = {
  /** Both sides have ended at the same offsets since then; null when they do not. */
  readonly equalSince: number | null
  /** The source's high watermarks of the last look, together. */
  readonly sourceTotal: number | null
}

export type PromotionStep = {
  readonly promotion: Promotion
  /** True when copying may be stopped to see whether nothing more comes. */
  readonly ready: boolean
  /** What is awaited, for people. */
  readonly text: string
}

export const noPromotion: Promotion = { equalSince: null, sourceTotal: null }

/** Both sides must have stood equal for this long: a source that is written to now and then is not done. */
export const QUIET_MS = 3_000

/**
 * Promotion loses nothing: it waits until both sides end alike, no transaction is open, nothing more is written and
 * the positions of groups were read after that and carried over.
 */
export function promotionStep(before: Promotion, look: PromotionLook): PromotionStep {
  const { at, partitions } = look
  const waits = (text: string, promotion: Promotion = { equalSince: null, sourceTotal: total }) => {
    return { promotion, ready: false, text }
  }
  const total = sumKnown(partitions.map(({ highWatermark }) => highWatermark))
  const stopped = partitions.find(({ fault }) => fault !== null)
  if (stopped !== undefined) {
    return waits(`partition ${stopped.partition} is stopped by ${stopped.fault}: repair it, or fail over`)
  }
  const lags = partitions.map(lagOf)
  const lag = sumKnown(lags)
  if (lag === null || total === null) return waits('the ends of both sides are not known yet')
  const written = before.sourceTotal === null ? 0 : total - before.sourceTotal
  const writing = writingText(written)
  const behind = partitions.filter((_, index) => lags[index]! > 0).length
  if (lag > 0) return waits(`${lag} records behind in ${behind} partitions${writing}`)
  const open = partitions.filter(({ sourceEnd, highWatermark }) => sourceEnd! < highWatermark!)
  if (open.length > 0) {
    const numbers = open.map(({ partition }) => partition).join(', ')
    return waits(
      `transactions are open at the source in partitions ${numbers}: commit or abort them${writing}`,
    )
  }
  if (writing !== '') return waits(`in step${writing}`)
  const promotion = { equalSince: before.equalSince ?? at, sourceTotal: total }
  return groupsStep(promotion, look)
}

function groupsStep(promotion: Promotion, { at, groups }: PromotionLook): PromotionStep {
  const equalSince = promotion.equalSince!
  if (groups.faulted.length > 0) {
    const names = groups.faulted.join(', ')
    return { promotion, ready: false, text: `in step; positions of groups are not carried over: ${names}` }
  }
  if (groups.asOf === null || groups.asOf < equalSince) {
    return { promotion, ready: false, text: 'in step; waits for the positions of the groups' }
  }
  if (at - equalSince < QUIET_MS) {
    return { promotion, ready: false, text: 'in step; looks whether the source stays silent' }
  }
  return { promotion, ready: true, text: 'in step, and so are the groups' }
}

function writingText(offsets: number): string {
  if (offsets <= 0) return ''
  const much = `${offsets} offsets since the last look`
  return `; the source is still being written to (${much}): stop its writers`
}

function lagOf({ sourceEnd, mirrorEnd }: PartitionLook): number | null {
  return sourceEnd === null || mirrorEnd === null ? null : Math.max(0, sourceEnd - mirrorEnd)
}
