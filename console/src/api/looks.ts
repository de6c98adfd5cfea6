import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query'
import type { z } from 'zod'
import type { ClusterDetail } from '../../../src/server/api/clusters.ts'
import type { LinkDriftAnswer } from '../../../src/server/api/drift.ts'
import type { GroupDetail } from '../../../src/server/api/groups.ts'
import type { TopicDetail } from '../../../src/server/api/topics.ts'
import type { ageSchema, lagSchema, verdictSchema } from '../../../src/server/api/view/parts.ts'
import { ask, path } from './http.ts'

/** What the server's last looks at the clusters found: answered at once, with how old it is. */
export type Age = z.infer<typeof ageSchema>
export type LookLag = z.infer<typeof lagSchema>
export type Verdict = z.infer<typeof verdictSchema>

export type GroupPartition = GroupDetail['partitions'][number]
export type BrokerLook = ClusterDetail['brokerList'][number]

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
  useLook<TopicDetail>(path`/api/clusters/${cluster}/topics/${topic}`)

export const useCluster = (cluster: string) => useLook<ClusterDetail>(path`/api/clusters/${cluster}`)

export const useDrift = (link: string) => useLook<LinkDriftAnswer>(path`/api/links/${link}/drift`)
