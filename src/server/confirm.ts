import { z } from 'zod'
import { serverError } from './errors.ts'

/** The name of what a change is about, for what cannot be undone. */
export const confirmSchema = z
  .string()
  .max(512)
  .optional()
  .describe('the name of what it is about: asked for where it cannot be undone')

/** What every change takes that goes on after its answer. */
export const verbLimits = {
  confirm: confirmSchema,
  timeoutSeconds: z.number().int().min(1).max(86_400).default(300),
}

/** @throws CONFIRMATION_NEEDED */
export function confirmed(given: string | undefined, name: string, what: string): void {
  if (given === name) return
  throw serverError('CONFIRMATION_NEEDED', `${what}: send \`confirm: "${name}"\``, { context: { name } })
}
