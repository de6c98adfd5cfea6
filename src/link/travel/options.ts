import { z } from 'zod'

/** What travels with the records of a link besides the records themselves; plain data without secrets. */

const patterns = z.array(z.string()).readonly()

const configTravel = z.object({
  /** Names of topic settings, globs; what both lists leave out stays at the destination's default. */
  include: patterns,
  exclude: patterns,
  /** `source`: what the source's brokers make of settings that are not set on the topic travels as well. */
  defaults: z.enum(['source', 'destination']),
})

const aclTravel = z.object({
  /** Mirrored topics and groups whose entries travel; transactional ids are taken only where asked for. */
  topics: patterns,
  groups: patterns,
  transactionalIds: patterns,
  /** `User:alice`, globs. */
  principals: patterns,
  /** Principals that are called otherwise at the destination. */
  map: z.record(z.string(), z.string()).readonly(),
})

const userTravel = z.object({
  names: patterns,
  /** References (`env:`, `file:`) to passwords, by user: Kafka never gives one out, so nothing else can make a user. */
  passwords: z.record(z.string(), z.string()).readonly(),
})

const deletion = z.object({
  /** How long a topic must have been gone from the source before its mirror is deleted; null: never. */
  afterMs: z.number().nullable(),
  /** When a larger share of the link's topics is gone at once, no mirror is deleted. */
  shareMax: z.number(),
})

export const travelSchema = z.object({
  configs: configTravel,
  acls: aclTravel.nullable(),
  quotas: z.object({ users: patterns, clientIds: patterns }).nullable(),
  users: userTravel.nullable(),
  deletion,
})

export type ConfigTravel = z.infer<typeof configTravel>
export type AclTravel = z.infer<typeof aclTravel>
export type UserTravel = z.infer<typeof userTravel>
export type QuotaTravel = NonNullable<Travel['quotas']>
export type DeletionTravel = z.infer<typeof deletion>
export type Travel = z.infer<typeof travelSchema>

/** What travels when a link says nothing of it. */
export const defaultTravel: Travel = {
  configs: { include: ['*'], exclude: [], defaults: 'destination' },
  acls: null,
  quotas: null,
  users: null,
  deletion: { afterMs: null, shareMax: 0.25 },
}
