import { useQuery } from '@tanstack/react-query'
import { ask, path } from './http.ts'

/** The parts of Confluent's v3 resources that the page shows. */
export type Collection<Item> = {
  readonly data: readonly Item[]
  readonly metadata: { readonly next: string | null }
}

export type ConfigItem = {
  readonly name: string
  readonly value: string | null
  readonly is_default: boolean
  readonly is_sensitive: boolean
  readonly source: string
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

/** One resource or list under `/v3`, asked again every ten seconds while it is looked at. */
export function useKafka<T>(at: string | null, every = SLOW_POLL_MS) {
  return useQuery({
    queryKey: ['kafka', at],
    queryFn: ({ signal }) => ask<T>(at!, { signal }),
    enabled: at !== null,
    refetchInterval: every,
  })
}

export const v3 = {
  acls: (cluster: string) => path`/v3/clusters/${cluster}/acls`,
  topic: (cluster: string, topic: string) => path`/v3/clusters/${cluster}/topics/${topic}`,
} as const
