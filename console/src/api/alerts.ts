import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import type { AlertEventRow, AlertOverview } from '../../../src/server/api/alerts.ts'
import { ask, path } from './http.ts'

const POLL_MS = 5_000

export function useAlerts() {
  return useQuery({
    queryKey: ['alerts'],
    queryFn: ({ signal }) => ask<AlertOverview>('/api/alerts', { signal }),
    refetchInterval: POLL_MS,
  })
}

export function useAlertEvents() {
  return useQuery({
    queryKey: ['alerts', 'events'],
    queryFn: ({ signal }) => ask<{ events: readonly AlertEventRow[] }>('/api/alerts/events', { signal }),
    refetchInterval: POLL_MS,
  })
}

export type SilenceWish = {
  readonly rule?: string
  readonly subject: Readonly<Record<string, string>>
  readonly minutes: number
  readonly why: string
}

/** Changes to alerts; what is shown is asked anew after each. */
export function useAlertChanges() {
  const client = useQueryClient()
  const onSuccess = () => client.invalidateQueries({ queryKey: ['alerts'] })
  const silence = useMutation({
    mutationFn: (body: SilenceWish) => ask('/api/alerts/silences', { method: 'POST', body }),
    onSuccess,
  })
  const unsilence = useMutation({
    mutationFn: (id: string) => ask(path`/api/alerts/silences/${id}`, { method: 'DELETE' }),
    onSuccess,
  })
  const test = useMutation({
    mutationFn: (receiver: string) => ask(path`/api/alerts/receivers/${receiver}/test`, { method: 'POST' }),
  })
  return { silence, unsilence, test }
}
