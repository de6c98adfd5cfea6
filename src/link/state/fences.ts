import { z } from 'zod'
import type { NewAcl } from '../../client/admin/acls.ts'
import type { Cluster } from '../../client/cluster.ts'
import { aclSchema } from '../travel/owned.ts'
import { StateLog } from './log.ts'
import { decodeValue, encodeValue, keyParts } from './value.ts'

/**
 * The ACL fence of a route on a cluster that it has left, noted on both its clusters: wanted from the moment it is
 * decided on, and with every entry that kmc made for it, before it is made. The key is `fence/ROUTE/CLUSTER`.
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
  readonly route: string
  readonly cluster: string
  readonly record: FenceRecord | null
}

/** Fences in `__kmc_state` of one cluster. */
export class FenceLog extends StateLog<FenceChange> {
  readonly #records: Map<string, FenceRecord>

  constructor(cluster: Cluster) {
    const records = new Map<string, FenceRecord>()
    const apply = (change: FenceChange) => {
      if (change.record === null) records.delete(keyOf(change))
      else records.set(keyOf(change), change.record)
    }
    super(cluster, { encode, decode, apply })
    this.#records = records
  }

  fence(route: string, cluster: string): FenceRecord | null {
    return this.#records.get(keyOf({ route, cluster })) ?? null
  }

  /** What kmc made on a cluster for the fences of any routes. */
  entriesOn(cluster: string): NewAcl[] {
    return [...this.#records.values()]
      .filter((fence) => fence.cluster === cluster)
      .flatMap(({ acls }) => acls)
  }
}

function keyOf({ route, cluster }: Pick<FenceChange, 'route' | 'cluster'>): string {
  return `fence/${route}/${cluster}`
}

function encode(change: FenceChange): { key: Buffer; value: Buffer | null } {
  return { key: Buffer.from(keyOf(change)), value: encodeValue(change.record) }
}

function decode(key: Buffer | null, value: Buffer | null, offset: number): FenceChange | null {
  const [kind, route, cluster] = keyParts(key)
  if (kind !== 'fence' || route === undefined || cluster === undefined) return null
  return { route, cluster, record: decodeValue(fenceRecord, value, offset) }
}
