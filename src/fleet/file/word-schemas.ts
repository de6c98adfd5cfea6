import { z } from 'zod'

export const PORT_MIN = 1024
export const PORT_MAX = 65_535

const nameRule = 'lower-case letters, digits, - and _, beginning with a letter or digit, at most 48'
export const nameSchema = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,47}$/, `a name is ${nameRule}`)

const REFERENCE = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:\S(.*\S)?)$/
const secretRule = 'write env:NAME or file:path here; a secret never stands in the file itself'
const fileRule = 'write file:path (or env:NAME) here'
const missing = (input: unknown) => (input === undefined ? 'is missing; ' : '')

export const secretReference = z
  .string({ error: (issue) => `${missing(issue.input)}${secretRule}` })
  .regex(REFERENCE, secretRule)
export const fileReference = z.string(fileRule).regex(REFERENCE, fileRule)
