import { z } from 'zod'

/** One record of `__kmc_audit`: that a change was asked for, how it ended, or that it was refused. JSON. */
export const auditRecord = z.object({
  format: z.literal(1),
  /** The same for both records of one change. */
  id: z.string(),
  at: z.number(),
  phase: z.enum(['begun', 'ended', 'refused']),
  /** As in the table of routes: `mirror.promote`. */
  action: z.string(),
  who: z.string(),
  by: z.enum(['session', 'token']),
  address: z.string(),
  /** What it is about: `{ cluster: 'seoul', topic: 'orders' }`. */
  on: z.record(z.string(), z.string()),
  /** The machine whose server was asked. */
  host: z.string(),
  before: z.unknown(),
  after: z.unknown(),
  error: z.object({ code: z.string(), message: z.string() }).nullable(),
})

export type AuditRecord = z.output<typeof auditRecord>

/** One change, of one or two records. */
export const auditEntry = auditRecord.omit({ format: true, phase: true }).extend({
  endedAt: z.number().nullable(),
  /** `open`: not ended yet, or its process has. */
  result: z.enum(['done', 'failed', 'refused', 'open']),
})

export type AuditEntry = z.output<typeof auditEntry>

const VALUE_CHARACTERS_MAX = 32 * 1024

/** A value as it is kept: one that is very large is cut, so that no record is. */
export function keptValue(value: unknown): unknown {
  const text = JSON.stringify(value)
  if (text === undefined) return null
  return text.length <= VALUE_CHARACTERS_MAX ? value : { cut: text.slice(0, VALUE_CHARACTERS_MAX) }
}

/** Changes, newest first. A change of the whole fleet stands on each cluster, and once here. */
export function entriesOf(records: Iterable<AuditRecord>): AuditEntry[] {
  const entries = new Map<string, AuditEntry>()
  for (const { format: _, phase, ...record } of records) {
    const before = entries.get(record.id)
    const ended = phase === 'begun' ? null : { endedAt: record.at, result: resultOf(phase, record.error) }
    if (before === undefined) {
      entries.set(record.id, { ...record, endedAt: null, result: 'open', ...ended })
    } else if (ended === null) entries.set(record.id, { ...before, at: record.at })
    else entries.set(record.id, { ...record, at: Math.min(before.at, record.at), ...ended })
  }
  return [...entries.values()].sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1))
}

function resultOf(phase: 'ended' | 'refused', error: AuditRecord['error']): AuditEntry['result'] {
  if (phase === 'refused') return 'refused'
  return error === null ? 'done' : 'failed'
}
