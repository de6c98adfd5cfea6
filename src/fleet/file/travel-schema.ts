import { z } from 'zod'
import { secretReference } from './word-schemas.ts'

const PATTERNS_MAX = 200
const HOLD_SECONDS = 3_600
const SHARE = 0.25

const pattern = z.string().regex(/^!?[^\p{Cc}]{1,255}$/u, 'a pattern is 1 to 255 characters')
const patternList = (fallback: readonly string[], description: string) =>
  z
    .array(pattern)
    .max(PATTERNS_MAX)
    .default([...fallback])
    .meta({ description })
const principal = z
  .string()
  .regex(/^[A-Za-z]+:[^\p{Cc}]{1,255}$/u, 'a principal is written as in Kafka, such as User:alice')

const configs = z.strictObject({
  include: patternList(['*'], 'Topic settings that travel, globs over their names.'),
  exclude: patternList([], 'Topic settings that do not travel; wins over `include`.'),
  defaults: z.enum(['source', 'destination']).default('destination').meta({
    description:
      "Settings that are not set on the topic: `destination` leaves them to the destination's brokers; `source` gives the mirror what the source's brokers make of them.",
  }),
})

const acls = z.strictObject({
  topics: patternList(['*'], 'Mirrored topics (by their names at the source) whose ACLs travel.'),
  groups: patternList(['*'], 'Groups kept in step whose ACLs travel.'),
  transactionalIds: patternList([], 'Transactional ids whose ACLs travel.'),
  principals: patternList(['*'], 'Principals whose ACLs travel, such as `User:*` or `!User:admin`.'),
  map: z
    .record(principal, principal)
    .default({})
    .meta({
      description: 'Principals that are called otherwise at the destination.',
      examples: [{ 'User:alice': 'User:alice-dr' }],
    }),
})

const quotas = z.strictObject({
  users: patternList(['*'], 'Users whose quotas travel; the default of all users is called `<default>`.'),
  clientIds: patternList(['*'], 'Client ids whose quotas travel, in the same words.'),
})

const users = z.strictObject({
  names: patternList(['*'], 'SCRAM users that should be at the destination as well.'),
  passwords: z
    .record(z.string().min(1).max(255), secretReference)
    .default({})
    .meta({
      description:
        'Passwords by user, env:NAME or file:path: Kafka gives none out, so only users named here can be made; others that are missing are reported.',
      examples: [{ alice: 'env:ALICE_PASSWORD' }],
    }),
})

const deletion = z.strictObject({
  hold: z.number().min(0).max(31_536_000).default(HOLD_SECONDS).meta({
    description: 'Seconds for which a topic must have been gone at the source before its mirror is deleted.',
  }),
  share: z.number().min(0).max(1).default(SHARE).meta({
    description: "While more than this share of the link's topics is gone, no mirror is deleted.",
  }),
})

/** The keys of a link that say what travels with its records. */
export const travelKeys = {
  configs: configs.optional().meta({
    description:
      'Topic settings that travel. Never: those of one cluster alone (throttles, tiered storage, min.insync.replicas, unclean leader election); those that a mirror holds wait until it is a mirror no longer.',
    defaultText: 'all that are set on a topic',
  }),
  acls: z
    .union([z.boolean(), acls], { error: 'write true, false, or keys such as principals' })
    .default(false)
    .meta({
      description:
        "Carries ACLs of mirrored topics and of groups over, under the mirrors' names. Grants to write, alter or delete wait until the mirror is one no longer. Only what the link made is ever changed or removed.",
    }),
  quotas: z
    .union([z.boolean(), quotas], { error: 'write true, false, or keys such as users' })
    .default(false)
    .meta({ description: 'Carries client quotas of users and client ids over.' }),
  users: z
    .union([z.boolean(), users], { error: 'write true, false, or keys such as passwords' })
    .default(false)
    .meta({
      description: 'Reports SCRAM users that the destination lacks, and makes those whose password is given.',
    }),
  deletion: z
    .union([z.enum(['keep', 'delete']), deletion], {
      error: 'write keep, delete, or the keys hold and share',
    })
    .default('keep')
    .meta({
      description:
        'What becomes of a mirror whose topic was deleted at the source: `keep` it (as a fault), or `delete` it after some time.',
    }),
}
