import { z } from 'zod'
import { Reply } from '../http/route.ts'
import type { InstancePlace } from './consumer/instances.ts'
import type { V2Call } from './row.ts'

export const INSTANCE = '/consumers/{group}/instances/{instance}'

/** Positions that members of a group write are not in the audit log, as those of other clients are not. */
export const ofGroup = { need: { role: 'operator', on: 'group' } } as const

export type InstanceCall = V2Call<{ readonly group: string; readonly instance: string }>

const PARTITIONS_MAX = 10_000

export const topicName = z.string().min(1).max(249)
const place = z.object({ topic: topicName, partition: z.int().min(0) })
export const partitions = z.object({ partitions: z.array(place).max(PARTITIONS_MAX) })

/** A list of partitions, each with something. */
export function eachWith<Fields extends z.ZodRawShape>(fields: Fields) {
  return z.array(place.extend(fields)).max(PARTITIONS_MAX)
}

/** The answer to what has none. */
export const nothing = z.null()
export const done = (): Reply => new Reply(204)

export function placeOf({ params, caller }: InstanceCall): InstancePlace {
  const { cluster, group, instance } = params
  return { cluster, group, instance, owner: caller.name }
}
