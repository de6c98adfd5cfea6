import { z } from 'zod'
import type { Isolation } from '../../../client/isolation.ts'
import { type Format, formats } from '../media.ts'

/** Where a partition is begun that the group has no position for. */
export type Reset = 'earliest' | 'latest' | 'none'

export type ConsumerSettings = {
  readonly format: Format
  readonly reset: Reset
  readonly autoCommit: boolean
  /** An answer waits until it has so many bytes, or its time is up. */
  readonly minBytes: number
  /** How long an answer waits for records, at most. */
  readonly waitMs: number
  readonly isolation: Isolation
}

const WAIT_MS = 1_000
export const WAIT_MAX_MS = 25_000
const MIN_BYTES_MAX = 8 * 1024 * 1024

/** Settings come as texts or as what they are. */
const number = z.coerce.number().int()
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')])

/** The body that makes an instance; names as in Confluent's REST Proxy, `isolation.level` as in Strimzi's bridge. */
export const newConsumer = z.object({
  name: z.string().min(1).max(200).nullish(),
  /** An older name for the same. */
  id: z.string().min(1).max(200).nullish(),
  format: z
    .string()
    .toLowerCase()
    .pipe(z.enum(formats as [Format, ...Format[]]))
    .nullish(),
  'auto.offset.reset': z.enum(['earliest', 'latest', 'none']).nullish(),
  'auto.commit.enable': flag.nullish(),
  'enable.auto.commit': flag.nullish(),
  'fetch.min.bytes': number.min(-1).max(MIN_BYTES_MAX).nullish(),
  'consumer.request.timeout.ms': number.min(1).nullish(),
  'isolation.level': z.enum(['read_committed', 'read_uncommitted']).nullish(),
})

export function settingsOf(body: z.infer<typeof newConsumer>): ConsumerSettings {
  const minBytes = body['fetch.min.bytes'] ?? 1
  return {
    format: body.format ?? 'binary',
    reset: body['auto.offset.reset'] ?? 'latest',
    autoCommit: body['auto.commit.enable'] ?? body['enable.auto.commit'] ?? true,
    // -1: the whole time is waited for, as in Confluent's without a word on it.
    minBytes: minBytes < 0 ? Number.MAX_SAFE_INTEGER : minBytes,
    waitMs: Math.min(body['consumer.request.timeout.ms'] ?? WAIT_MS, WAIT_MAX_MS),
    isolation: body['isolation.level'] ?? 'read_committed',
  }
}
