import { linkError } from '../errors.ts'
import type { RepairChoice } from '../state/intents.ts'
import type { MirrorRecord } from '../state/records.ts'
import type { Fault, MirrorStatus } from '../status.ts'
import { repairsFor } from './repairs.ts'

/** A fault of a mirror; `partition` is null where it concerns the mirror as a whole. */
export type MirrorFault = { readonly partition: number | null; readonly fault: Fault }

/** The faults of a mirror, in these partitions alone where some are named. */
export function faultsOf(
  { partitions: all, fault }: Pick<MirrorStatus, 'partitions' | 'fault'>,
  partitions: readonly number[] | null,
): MirrorFault[] {
  const own = all.flatMap(({ partition, fault: its }) => {
    const isMeant = partitions === null || partitions.includes(partition)
    return its === null || !isMeant ? [] : [{ partition, fault: its }]
  })
  return own.length > 0 || fault === null ? own : [{ partition: null, fault }]
}

/** @throws MIRROR_VERB_REFUSED where a repair fits none of the faults, with those that do */
export function refuseMisfit(
  { link, topic, mirror }: Pick<MirrorRecord, 'link' | 'topic' | 'mirror'>,
  choice: RepairChoice,
  faults: readonly MirrorFault[],
): void {
  if (faults.some(({ fault }) => repairsFor(fault.code).includes(choice))) return
  const [first] = faults
  const context = { link, topic }
  if (first === undefined) {
    throw linkError('MIRROR_VERB_REFUSED', `${mirror} has no fault there: there is nothing to repair`, {
      context,
    })
  }
  const fits = repairsFor(first.fault.code)
  const others = fits.length === 0 ? `no repair does: ${first.fault.remedy}` : `these do: ${fits.join(', ')}`
  throw linkError('MIRROR_VERB_REFUSED', `${choice} does not fit ${first.fault.code}; ${others}`, { context })
}
