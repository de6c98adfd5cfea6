import { type LinkErrorCode, linkErrors } from '../errors.ts'
import type { MirrorRecord } from '../state/records.ts'
import type { Fault } from '../status.ts'

/** A fault of one partition as it is remembered; its remedy is the table's. */
export type Damage = MirrorRecord['damage'][number]

export function damageOf(partition: number, { code, message, evidence, since }: Fault): Damage {
  return { partition, code, message, evidence, since }
}

/** The fault again, for a worker that finds it in `__kmc_state`. */
export function faultOfDamage({ code, message, evidence, since }: Omit<Damage, 'partition'>): Fault {
  const known = code in linkErrors ? linkErrors[code as LinkErrorCode] : linkErrors.DIVERGED
  return { code, message, remedy: known.remedy, evidence, since }
}
