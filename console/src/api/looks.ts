import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { z } from 'zod'
import type { copySchema } from '../../../src/server/api/view/copies.ts'
import type { ageSchema, lagSchema, verdictSchema } from '../../../src/server/api/view/parts.ts'
import { ask, path } from './http.ts'

/** What the server's last looks at the clusters found: answered at once, with how old it is. */
export type Age = z.infer<typeof ageSchema>
export type LookLag = z.infer<typeof lagSchema>
export type Verdict = z.infer<typeof verdictSchema>
type Copy = z.infer<typeof copySchema>

export type GroupRow = {
  readonly cluster: string
  readonly group: string
  readonly type: string
  readonly state: string
  readonly members: number | null
  readonly topics: readonly string[]
  readonly lag: LookLag
  readonly verdict: Verdict
  readonly lastCommitAt: number | null
}

export type GroupPartition = {
  readonly topic: string
  readonly partition: number
  readonly position: number | null
  readonly end: number | null
  readonly lag: LookLag
  readonly verdict: Verdict
  readonly committedAt: number | null
  readonly owner: { readonly clientId: string; readonly host: string } | null
}

export type GroupDetail = GroupRow & { readonly partitions: readonly GroupPartition[]; readonly age: Age }

export type TopicRow = {
  readonly cluster: string
  readonly topic: string
  readonly partitions: number
  readonly replicationFactor: number
  readonly underReplicated: number
  readonly offline: number
  readonly bytes: number | null
  readonly readers: readonly { readonly group: string; readonly lag: LookLag; readonly verdict: Verdict }[]
  readonly readersTotal: number
  readonly mirrors: readonly Copy[]
  readonly mirrorOf: Copy | null
}

export type ClusterLook = {
  readonly age: Age
  readonly topics: number | null
  readonly partitions: number | null
  readonly groups: number | null
  readonly groupsBehind: number | null
  readonly underReplicated: number | null
  readonly underMinIsr: number | null
  readonly offline: number | null
  readonly logBytes: number | null
  readonly health: readonly {
    readonly kind: string
    readonly severity: 'critical' | 'warning'
    readonly count: number
    readonly examples: readonly string[]
  }[]
  readonly brokerList: readonly BrokerLook[]
}

export type BrokerLook = {
  readonly id: number
  readonly address: string
  readonly rack: string | null
  readonly isController: boolean
  readonly isFenced: boolean
  readonly disks: readonly {
    readonly logBytes: number
    readonly replicas: number
    readonly fault: string | null
  }[]
}

const POLL_MS = 5_000
const PAGE_SIZE = 100

export type ListQuery = {
  readonly cluster: string | null
  readonly search: string
  readonly sort: string
  readonly descending: boolean
  readonly more?: Readonly<Record<string, string>>
}

/** A list over all clusters or of one, found and ordered by the server, a page at a time. */
export function useRows<Row>(
  at: '/api/topics' | '/api/groups',
  { cluster, search, sort, descending, more }: ListQuery,
) {
  const query = new URLSearchParams({
    ...{ sort, descending: String(descending), limit: String(PAGE_SIZE), ...more },
    ...(cluster === null ? {} : { cluster }),
    ...(search === '' ? {} : { search }),
  })
  return useInfiniteQuery({
    queryKey: ['rows', at, query.toString()],
    queryFn: ({ pageParam, signal }) =>
      ask<{ total: number; rows: readonly Row[] }>(`${at}?${query}&offset=${pageParam}`, { signal }),
    initialPageParam: 0,
    getNextPageParam: ({ total }, pages) => {
      const seen = pages.reduce((sum, { rows }) => sum + rows.length, 0)
      return seen < total ? seen : null
    },
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  })
}

function useLook<T>(at: string) {
  return useQuery({
    queryKey: ['look', at],
    queryFn: ({ signal }) => ask<T>(at, { signal }),
    refetchInterval: POLL_MS,
  })
}

export const useGroup = (cluster: string, group: string) =>
  useLook<GroupDetail>(path`/api/clusters/${cluster}/groups/${group}`)

export const useTopic = (cluster: string, topic: string) =>
  useLook<TopicRow>(path`/api/clusters/${cluster}/topics/${topic}`)

export const useCluster = (cluster: string) => useLook<ClusterLook>(path`/api/clusters/${cluster}`)
