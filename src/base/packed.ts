import { Secret } from './secret.ts'

const SECRET = '$secret'

/** Plain data for another process, its secrets in clear: for IPC alone. */
export function packSecrets(value: unknown): unknown {
  return mapDeep(value, (part) => (part instanceof Secret ? { [SECRET]: part.reveal() } : undefined))
}

/** The opposite of `packSecrets`; secrets are hidden again. */
export function unpackSecrets(packed: unknown): unknown {
  return mapDeep(packed, (part) => {
    const text = (part as Record<string, unknown>)[SECRET]
    return typeof text === 'string' ? new Secret(text) : undefined
  })
}

function mapDeep(value: unknown, replace: (object: object) => unknown): unknown {
  if (typeof value === 'function') throw new TypeError('a function cannot be handed to another process')
  if (typeof value !== 'object' || value === null) return value
  const replaced = replace(value)
  if (replaced !== undefined) return replaced
  if (Array.isArray(value)) return value.map((item) => mapDeep(item, replace))
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, mapDeep(item, replace)]))
}
