import type { z } from 'zod'
import { linkError } from '../errors.ts'

/** The compacted topic, with one partition, in which kmc keeps facts on a cluster: one key a fact. */
export const STATE_TOPIC = '__kmc_state'
const FORMAT = 1

/** A record's value: JSON with a format number; null ends the fact. */
export function encodeValue(record: object | null): Buffer | null {
  return record === null ? null : Buffer.from(JSON.stringify({ format: FORMAT, ...record }))
}

/** The opposite of `encodeValue`. @throws STATE_UNREADABLE naming the offset */
export function decodeValue<T>(schema: z.ZodType<T>, value: Buffer | null, offset: number): T | null {
  if (value === null) return null
  try {
    const json = JSON.parse(value.toString()) as { format?: unknown }
    if (json.format !== FORMAT) throw new Error(`format ${JSON.stringify(json.format)}`)
    return schema.parse(json)
  } catch (cause) {
    throw linkError('STATE_UNREADABLE', `${STATE_TOPIC}: the record at offset ${offset} is not readable`, {
      cause,
      context: { offset },
    })
  }
}

/** The parts of a key: `kind/NAME/REST`; REST may hold slashes, and is undefined where there is none. */
export function keyParts(key: Buffer | null): readonly [string, string | undefined, string | undefined] {
  const [kind = '', name, ...rest] = (key?.toString() ?? '').split('/')
  return [kind, name, rest.length > 0 ? rest.join('/') : undefined]
}
