import { z } from 'zod'
import { type AuditEntry, auditEntry } from '../audit/record.ts'
import type { ClusterTrail } from '../audit/trail.ts'
import { type Route, route } from '../http/route.ts'

const LIMIT_MAX = 500
const WORD_MAX = 255

const word = z.string().max(WORD_MAX).optional()
const instant = z.coerce.number().int().min(0).optional()

const query = z.object({
  who: word.describe('a part of the name'),
  action: word.describe('how it begins, such as `mirror.`'),
  resource: word.describe('a part of the name of what it is about'),
  result: auditEntry.shape.result.optional(),
  from: instant.describe('milliseconds'),
  to: instant.describe('milliseconds, not included'),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(100),
  cursor: z
    .string()
    .regex(/^\d{1,15}\.[\w-]{1,64}$/)
    .optional()
    .describe('`next` of the page before'),
})

type AuditQuery = z.output<typeof query>

const auditPage = z.object({
  entries: z.array(auditEntry),
  next: z.string().nullable(),
  missing: z.array(z.object({ cluster: z.string(), why: z.string() })),
})

export type AuditPage = z.output<typeof auditPage>

/** What was changed through this server, or any other of the fleet. */
export function auditRoutes(trail: Pick<ClusterTrail, 'read'>): readonly Route[] {
  return [
    route({
      method: 'GET',
      path: '/api/audit',
      tag: 'audit',
      summary: 'Changes, newest first: who, from where, what, before and after; refused ones too',
      need: { role: 'admin', on: 'fleet' },
      action: null,
      query,
      answer: auditPage,
      async handle({ query, signal }) {
        const { entries, missing } = await trail.read(signal)
        const found = entries.filter((one) => fits(one, query) && isAfter(one, query.cursor))
        const page = found.slice(0, query.limit)
        const last = page.at(-1)
        const isWhole = last === undefined || page.length === found.length
        return { entries: page, next: isWhole ? null : `${last.at}.${last.id}`, missing: [...missing] }
      },
    }),
  ]
}

function fits(one: AuditEntry, { who, action, resource, result, from, to }: AuditQuery): boolean {
  return (
    (who === undefined || one.who.includes(who)) &&
    (action === undefined || one.action.startsWith(action)) &&
    (resource === undefined || Object.values(one.on).some((name) => name.includes(resource))) &&
    (result === undefined || one.result === result) &&
    (from === undefined || one.at >= from) &&
    (to === undefined || one.at < to)
  )
}

/** Behind the cursor in the order of the list, whatever has come since. */
function isAfter({ at, id }: AuditEntry, cursor: string | undefined): boolean {
  if (cursor === undefined) return true
  const dot = cursor.indexOf('.')
  const [lastAt, lastId] = [Number(cursor.slice(0, dot)), cursor.slice(dot + 1)]
  return at < lastAt || (at === lastAt && id < lastId)
}
