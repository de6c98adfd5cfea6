import { apiInfo } from '../../wire/apis/index.ts'
import { produce } from './000-produce.ts'
import { metadata } from './003-metadata.ts'
import { findCoordinator } from './010-find-coordinator.ts'
import * as admin from './admin.ts'
import { consumerGroupDescribe, consumerGroupHeartbeat, offsetCommit } from './groups.ts'
import type { Rewriting } from './rewrite.ts'

/** One API that clients may use through a gateway. */
export type Served = Rewriting & {
  readonly key: number
  readonly name: string
  readonly min: number
  readonly max: number
  readonly flexibleFrom: number | null
  /** Whether the same request may be sent to another broker when its answer did not come. */
  readonly repeatable: boolean
}

type Entry = Partial<Rewriting> & {
  readonly key: number
  readonly min?: number
  readonly max?: number
  readonly repeatable?: true
}

const again = { repeatable: true } as const

/**
 * What passes, and how. Left out is what clients do not use (talk between brokers, quorums) and what cannot follow to
 * another cluster yet: share groups and Streams groups. Produce and Fetch stop where topic ids would take the place
 * of names in data, OffsetCommit and OffsetFetch likewise; Produce has to reach 12 (transactions, KIP-890).
 */
const entries: readonly Entry[] = [
  { key: 0, ...produce, min: 3, max: 12 },
  { key: 1, max: 12, ...again },
  { key: 2, ...again },
  { key: 3, ...metadata, ...again },
  { key: 8, ...offsetCommit, max: 9, ...again },
  { key: 9, max: 9, ...again },
  { key: 10, ...findCoordinator, ...again },
  { key: 11, ...again },
  { key: 12, ...again },
  { key: 13, ...again },
  { key: 14, ...again },
  { key: 15, ...again },
  { key: 16, ...again },
  { key: 17, min: 1 },
  { key: 18 },
  { key: 19, ...admin.createTopics },
  { key: 20, ...admin.deleteTopics },
  { key: 21 },
  { key: 22 },
  { key: 23, ...again },
  // From version 4 on it is talk between brokers.
  { key: 24, max: 3 },
  { key: 25 },
  { key: 26 },
  { key: 28 },
  { key: 29, ...again },
  { key: 30 },
  { key: 31 },
  { key: 32, ...admin.describeConfigs, ...again },
  { key: 33, ...admin.alterConfigs },
  { key: 34 },
  { key: 35, ...again },
  { key: 36 },
  { key: 37, ...admin.createPartitions },
  { key: 38 },
  { key: 39 },
  { key: 40 },
  { key: 41, ...again },
  { key: 42 },
  { key: 43 },
  { key: 44, ...admin.incrementalAlterConfigs },
  { key: 45, ...admin.alterPartitionReassignments },
  { key: 46, ...admin.listPartitionReassignments, ...again },
  { key: 47 },
  { key: 48, ...again },
  { key: 49 },
  { key: 50, ...again },
  { key: 51 },
  { key: 60, ...admin.describeCluster, ...again },
  { key: 61, ...again },
  { key: 65, ...again },
  { key: 66, ...again },
  { key: 68, ...consumerGroupHeartbeat, ...again },
  { key: 69, ...consumerGroupDescribe, ...again },
  { key: 71, ...again },
  { key: 72 },
  { key: 74, ...again },
  { key: 75, ...admin.describeTopicPartitions, ...again },
]

const byKey: (Served | undefined)[] = []
for (const entry of entries) byKey[entry.key] = served(entry)

function served(entry: Entry): Served {
  const info = apiInfo(entry.key)!
  return {
    key: info.key,
    name: info.name,
    flexibleFrom: info.flexibleFrom,
    min: Math.max(info.min, entry.min ?? 0),
    max: Math.min(info.max, entry.max ?? info.max),
    repeatable: entry.repeatable ?? false,
    request: entry.request ?? null,
    answer: entry.answer ?? null,
  }
}

/** All that clients may use, by key ascending. */
export const servedApis: readonly Served[] = byKey.filter((one) => one !== undefined)

/** Undefined for what a gateway does not offer. */
export function servedApi(key: number): Served | undefined {
  return byKey[key]
}
