import { z } from 'zod'

/** Who asked for something: the user and the machine of the command. */
const person = z.object({ user: z.string(), host: z.string() })

const wish = z.discriminatedUnion('verb', [
  z.object({ verb: z.enum(['pause', 'resume', 'promote', 'failover']) }),
  z.object({
    verb: z.literal('repair'),
    choice: z.enum(['accept-gap', 'reseed', 'resume']),
    /** Null: every partition with a fault that the choice fits. */
    partitions: z.array(z.number().int().min(0)).nullable(),
    /** The mirror as the operator saw it: a reseed deletes this very topic and no later one. */
    mirrorTopicId: z.string(),
  }),
])

/** What an operator wants of one mirror; written by commands only, answered by a worker in the mirror's record. */
export const intentRecord = z.object({
  id: z.string(),
  link: z.string(),
  topic: z.string(),
  wish,
  by: person,
  at: z.number(),
})

/** A worker's answer to the intent of that id. */
export const answerRecord = z.object({
  intent: z.string(),
  outcome: z.enum(['working', 'done', 'refused']),
  text: z.string(),
  at: z.number(),
})

/** What was decided about records of a mirror: kept after mirror and link are gone, never rewritten. */
export const receiptRecord = z.object({
  /** Of the intent. */
  id: z.string(),
  link: z.string(),
  topic: z.string(),
  mirror: z.string(),
  verb: z.enum(['accept-gap', 'reseed', 'resume', 'promote', 'failover']),
  by: person,
  requestedAt: z.number(),
  doneAt: z.number(),
  /** One sentence for people. */
  text: z.string(),
  /** accept-gap: the lost offsets [from, to). promote and failover: what the mirror holds. */
  partitions: z.array(
    z.object({
      partition: z.number().int(),
      from: z.number().int(),
      to: z.number().int(),
      /** The source's end as last seen; null when it was not known. */
      sourceEnd: z.number().int().nullable(),
      /** Records that were acknowledged to clients and are not there; only of the failover of a route. */
      lost: z.number().int().optional(),
    }),
  ),
})

export type IntentRecord = z.infer<typeof intentRecord>
export type Wish = IntentRecord['wish']
export type RepairChoice = (Wish & { verb: 'repair' })['choice']
export type AnswerRecord = z.infer<typeof answerRecord>
export type ReceiptRecord = z.infer<typeof receiptRecord>
