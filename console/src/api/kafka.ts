import { useInfiniteQuery, useQuery } from '@tanstack/react-query'
import { ask, path } from './http.ts'

/** The parts of Confluent's v3 resources that the page shows. */
export type Collection<Item> = {
  readonly data: readonly Item[]
  readonly metadata: { readonly next: string | null }
}

export type BrokerItem = {
  readonly broker_id: number
  readonly host: string | null
  readonly port: number | null
  readonly rack: string | null
}

export type TopicItem = {
  readonly topic_name: string
  readonly is_internal: boolean
  readonly replication_factor: number
  readonly partitions_count: number
}

export type ConfigItem = {
  readonly name: string
  readonly value: string | null
  readonly is_default: boolean
  readonly is_sensitive: boolean
  readonly source: string
}

export type GroupItem = {
  readonly consumer_group_id: string
  readonly state: string
  readonly type?: string
  readonly partition_assignor: string
}

export type LagItem = {
  readonly topic_name: string
  readonly partition_id: number
  readonly current_offset: number
  readonly log_end_offset: number | null
  readonly lag: number | null
  readonly consumer_id: string
  readonly client_id: string
}

export type ReplicaItem = {
  readonly broker_id: number
  readonly partition_id: number
  readonly is_leader: boolean
  readonly is_in_sync: boolean
}

export type OffsetItem = { readonly earliest_offset: number; readonly latest_offset: number }

export type AclItem = {
  readonly resource_type: string
  readonly resource_name: string
  readonly pattern_type: string
  readonly principal: string
  readonly host: string
  readonly operation: string
  readonly permission: string
}

const SLOW_POLL_MS = 10_000
const PAGE_SIZE = 200

/** One resource or list under `/v3`, asked again every ten seconds while it is looked at. */
export function useKafka<T>(at: string | null, every = SLOW_POLL_MS) {
  return useQuery({
    queryKey: ['kafka', at],
    queryFn: ({ signal }) => ask<T>(at!, { signal }),
    enabled: at !== null,
    refetchInterval: every,
  })
}

/** A list that comes in pages, found by name on the server. */
export function useKafkaPages<Item>(at: string, search: string) {
  const query = new URLSearchParams({ page_size: String(PAGE_SIZE), ...(search === '' ? {} : { search }) })
  return useInfiniteQuery({
    queryKey: ['kafka pages', at, search],
    queryFn: ({ pageParam, signal }) => ask<Collection<Item>>(pageParam, { signal }),
    initialPageParam: `${at}?${query}`,
    getNextPageParam: ({ metadata }) => metadata.next,
    refetchInterval: SLOW_POLL_MS * 3,
  })
}

export const v3 = {
  brokers: (cluster: string) => path`/v3/clusters/${cluster}/brokers`,
  acls: (cluster: string) => path`/v3/clusters/${cluster}/acls`,
  topics: (cluster: string) => path`/v3/clusters/${cluster}/topics`,
  topic: (cluster: string, topic: string) => path`/v3/clusters/${cluster}/topics/${topic}`,
  groups: (cluster: string) => path`/v3/clusters/${cluster}/consumer-groups`,
  group: (cluster: string, group: string) => path`/v3/clusters/${cluster}/consumer-groups/${group}`,
} as const
