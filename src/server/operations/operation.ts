import { z } from 'zod'

const operationStep = z.object({
  /** Of a failover a step, of a verb the mirror. */
  name: z.string(),
  state: z.enum(['waiting', 'running', 'done', 'failed']),
  note: z.string().nullable(),
  startedAt: z.number().nullable(),
  endedAt: z.number().nullable(),
})

/** Something that takes longer than a request. It goes on when nobody looks. */
export const operationSchema = z.object({
  id: z.string(),
  /** As in the audit log: `mirror.promote`. */
  action: z.string(),
  about: z.object({ kind: z.enum(['link', 'route']), name: z.string() }),
  by: z.string(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  state: z.enum(['running', 'done', 'failed']),
  steps: z.array(operationStep),
  /** What one has to know besides the steps, oldest first. */
  notes: z.array(z.string()),
  result: z.unknown().describe('what came of it; null as long as it runs'),
  error: z.object({ code: z.string(), message: z.string(), remedy: z.string().nullable() }).nullable(),
})

export type Operation = z.infer<typeof operationSchema>
export type OperationStep = z.infer<typeof operationStep>
