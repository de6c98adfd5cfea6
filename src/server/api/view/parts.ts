import { z } from 'zod'
import type { Lag } from '../../../observe/lag/lag.ts'
import type { Aged } from '../../../observe/watch/aged.ts'

/** `Lag` of src/observe/lag: null is not known. */
export const lagSchema = z.object({
  records: z.number().nullable(),
  bytes: z.number().nullable(),
  seconds: z.number().nullable(),
  secondsAtLeast: z.number().nullable(),
})

export const verdictSchema = z.enum(['NOTFOUND', 'OK', 'WARN', 'ERR', 'STOP', 'STALL', 'REWIND'])

const troubleSchema = z.object({
  code: z.string(),
  message: z.string(),
  remedy: z.string().nullable(),
  since: z.number(),
})

/** How old what is told is, and why there is nothing newer. */
export const ageSchema = z.object({ at: z.number().nullable(), trouble: troubleSchema.nullable() })

export function ageOf({ at, trouble }: Aged<unknown>): z.infer<typeof ageSchema> {
  return { at, trouble }
}

/** Of a copy of a topic, as its link tells it: seconds, or nothing that is known. */
export const linkLagSchema = z.object({
  records: z.number().nullable(),
  bytes: z.number().nullable(),
  seconds: z.number().nullable(),
  at: z.number(),
})

export function lagOf({ records, bytes, seconds, secondsAtLeast }: Lag): z.infer<typeof lagSchema> {
  return { records, bytes, seconds, secondsAtLeast }
}
