import { hostname } from 'node:os'
import { z } from 'zod'

const request = z.object({ url: z.string(), host: z.string() })

/** What every answer of Burrow's begins and ends with. */
export function answerOf<Fields extends z.ZodRawShape>(fields: Fields) {
  return z.object({ error: z.literal(false), message: z.string(), ...fields, request })
}

export function requestOf(path: string): z.infer<typeof request> {
  return { url: path, host: hostname() }
}

export function answered<Fields extends object>(path: string, message: string, fields: Fields) {
  return { error: false as const, message, ...fields, request: requestOf(path) }
}
