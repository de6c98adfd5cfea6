import { type Errand, type Household, receiptOf } from './household.ts'
import { type Missing, missingText, seenAtSource } from './missing.ts'
import { release } from './release.ts'

/**
 * Ends a mirror at what has arrived, without asking the source. The state is kept already: no worker copies into it.
 * A mirror holds decided records only, so no transaction hangs; a gap that is half filled ends earlier, that is all.
 */
export async function failOver(errand: Errand, house: Household): Promise<void> {
  const { mirror, intent } = errand
  const now = house.clock.now()
  const ranges = await house.destination.logRanges(mirror.info)
  const missing = missingOf(
    errand,
    house,
    ranges.map(({ end }) => end),
  )
  const partitions = ranges.map(({ start, end }, partition) => {
    return { partition, from: start, to: end, sourceEnd: missing[partition]?.sourceEnd ?? null }
  })
  const ends = ranges.map(({ end }) => end).join(', ')
  const text = `${mirror.name} was failed over at ${ends}: ${missingText(missing, now)}`
  await house.saveReceipt(receiptOf(errand, now, { verb: 'failover', text, partitions }))
  await release(mirror, house)
  await mirror.notes.answers({ intent: intent.id, outcome: 'done', text, at: now })
}

/** What was at the source and is not here, as last seen, however long ago: the source may be gone for ever. */
function missingOf({ mirror }: Errand, { copying, clock }: Household, ends: readonly number[]): Missing[] {
  const { records, gapOffsets, bytes } = copying.counters
  const bytesPerOffset = records === 0 ? null : bytes / (records + gapOffsets)
  return ends.map((end, partition) => {
    const copier = copying.copierOf({ topic: mirror.name, partition })
    const seen = copier === null ? null : copying.ends.latest(copier)
    if (copier === null || seen === null) return seenAtSource(null)
    const lateMs = copying.ends.behindMs(copier, end, copier.reachedTimestamp, clock.now())
    return seenAtSource({ end, sourceEnd: seen.end, seenAt: seen.at, bytesPerOffset, lateMs })
  })
}
