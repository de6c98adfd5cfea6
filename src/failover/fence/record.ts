import { z } from 'zod'
import { decodeValue, encodeValue, keyParts } from '../../link/state/value.ts'
import { aclSchema } from '../../link/travel/owned.ts'

/**
 * The ACL fence of a route, on both its clusters: wanted from the moment it is decided on, and with every entry that
 * kmc made for it, noted before it is made.
 */
const fenceRecord = z.object({
  route: z.string(),
  /** The cluster that takes no writes of clients any more. */
  cluster: z.string(),
  /** Of the route, when that was decided. */
  epoch: z.int(),
  topics: z.array(z.string()),
  acls: z.array(aclSchema),
  at: z.number(),
})

export type FenceRecord = z.infer<typeof fenceRecord>
export type FenceChange = {
  readonly kind: 'fence'
  readonly name: string
  readonly record: FenceRecord | null
}

export function encodeFence({ name, record }: FenceChange): { key: Buffer; value: Buffer | null } {
  return { key: Buffer.from(`fence/${name}`), value: encodeValue(record) }
}

/** Null for a record that is not about fences. @throws STATE_UNREADABLE */
export function decodeFence(key: Buffer | null, value: Buffer | null, offset: number): FenceChange | null {
  const [kind, name] = keyParts(key)
  if (kind !== 'fence' || name === undefined) return null
  return { kind, name, record: decodeValue(fenceRecord, value, offset) }
}
