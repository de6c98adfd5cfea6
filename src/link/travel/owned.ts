import { z } from 'zod'
import type { NewAcl } from '../../client/admin/acls.ts'

/**
 * What a link made at its destination besides mirrors, in `__kmc_state` under `owned/LINK/WHAT`. It is noted before it
 * is made: what a crash leaves behind is then known to be the link's, and what others made is never taken for it.
 */
export const aclSchema = z.object({
  resourceType: z.enum(['topic', 'group', 'cluster', 'transactional-id', 'delegation-token', 'user']),
  resourceName: z.string(),
  patternType: z.enum(['literal', 'prefixed']),
  principal: z.string(),
  host: z.string(),
  operation: z.enum([
    'all',
    'read',
    'write',
    'create',
    'delete',
    'alter',
    'describe',
    'cluster-action',
    'describe-configs',
    'alter-configs',
    'idempotent-write',
    'create-tokens',
    'describe-tokens',
    'two-phase-commit',
  ]),
  permission: z.enum(['allow', 'deny']),
}) satisfies z.ZodType<NewAcl>

const entity = z.record(z.string(), z.string().nullable())

export const ownedRecord = z.discriminatedUnion('kind', [
  /** `acl/TYPE/PATTERN/NAME`: entries of one resource. */
  z.object({ kind: z.literal('acls'), acls: z.array(aclSchema) }),
  /** `handover/TOPIC`: what its mirror gets when it is promoted; kept here, as the source may be gone then. */
  z.object({ kind: z.literal('handover'), topic: z.string(), acls: z.array(aclSchema) }),
  /** `quota/ENTITY`: values by key. */
  z.object({ kind: z.literal('quota'), entity, values: z.record(z.string(), z.number()) }),
  /** `user/NAME`: SCRAM mechanisms. */
  z.object({ kind: z.literal('user'), user: z.string(), mechanisms: z.array(z.string()) }),
  /** `deleted/TOPIC`: a receipt for a mirror that followed its topic into deletion. */
  z.object({
    kind: z.literal('deleted'),
    topic: z.string(),
    mirror: z.string(),
    mirrorTopicId: z.string(),
    at: z.number(),
  }),
  /** `group/GROUP`: offsets by mirror and partition as the link wrote them last. */
  z.object({
    kind: z.literal('group'),
    group: z.string(),
    offsets: z.record(z.string(), z.record(z.string(), z.number())),
  }),
])

export type OwnedRecord = z.infer<typeof ownedRecord>

/** A change of one fact; null ends it. */
export type OwnedChange = { readonly what: string; readonly record: OwnedRecord | null }

/** Where a link keeps its notes. */
export type OwnedBook = {
  /** As they stand now, by `what`. */
  read(): Promise<ReadonlyMap<string, OwnedRecord>>
  write(changes: readonly OwnedChange[]): Promise<void>
}
