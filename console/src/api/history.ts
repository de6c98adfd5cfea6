import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { LagSeries } from '../../../src/server/api/history.ts'
import { ask, path } from './http.ts'

/** Whose lag: a group's or a link's, in all or in one topic. */
export type LagPlace = { readonly topic?: string } & (
  | { readonly cluster: string; readonly group: string }
  | { readonly link: string }
)

const POLL_MS = 10_000
const POINTS = 400

/** Lag of the last `spanMs`, asked again as it grows. */
export function useLagHistory(of: LagPlace, spanMs: number) {
  const base =
    'link' in of
      ? path`/api/links/${of.link}/history`
      : path`/api/clusters/${of.cluster}/groups/${of.group}/history`
  return useQuery({
    queryKey: ['history', base, of.topic ?? null, spanMs],
    queryFn: ({ signal }) => {
      const query = new URLSearchParams({
        from: String(Date.now() - spanMs),
        points: String(POINTS),
        ...(of.topic === undefined ? {} : { topic: of.topic }),
      })
      return ask<LagSeries>(`${base}?${query}`, { signal })
    },
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  })
}
