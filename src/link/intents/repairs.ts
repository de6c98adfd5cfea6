import type { LinkErrorCode } from '../errors.ts'
import type { RepairChoice } from '../state/intents.ts'

/** Faults behind which the named offsets are gone for good, so that they can be filled and passed over. */
const LOST = ['RETENTION_OVERTOOK', 'CORRUPT_BATCH'] as const satisfies readonly LinkErrorCode[]

/** Faults after which the mirror is not the source's copy: only a new one is. */
const WRONG = [
  'RETENTION_OVERTOOK',
  'SOURCE_TRUNCATED',
  'SOURCE_TOPIC_RECREATED',
  'FOREIGN_WRITER',
  'DIVERGED',
  'MIRROR_PARTITIONS',
] as const satisfies readonly LinkErrorCode[]

/** Faults that may be gone meanwhile because somebody cured their cause; looking again is always safe. */
const CURABLE = [
  'SOURCE_TRUNCATED',
  'NOT_AUTHORIZED',
  'PARTITION_STUCK',
  'BATCH_REFUSED',
  'MIRROR_BATCH_TOO_LARGE',
  'CORRUPT_BATCH',
  'OLD_RECORD_FORMAT',
  'RETENTION_OVERTOOK',
] as const satisfies readonly LinkErrorCode[]

const table: Readonly<Record<RepairChoice, readonly string[]>> = {
  'accept-gap': LOST,
  reseed: WRONG,
  resume: CURABLE,
}

/** Which repairs fit a fault; none for one that heals by itself or that is cured elsewhere (its remedy says where). */
export function repairsFor(code: string): RepairChoice[] {
  return (Object.keys(table) as RepairChoice[]).filter((choice) => table[choice].includes(code))
}

/** What a repair does, in words for the one who is about to choose it. */
export const repairWords: Readonly<Record<RepairChoice, string>> = {
  'accept-gap': 'keep what the mirror has, fill the lost offsets with markers that no reader sees, and go on',
  reseed: 'delete the mirror with all that is in it, and make it again from what the source has now',
  resume: 'look again: go on where the cause is cured, else the fault comes back',
}
