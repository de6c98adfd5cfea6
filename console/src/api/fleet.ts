import { useQuery } from '@tanstack/react-query'
import type { FleetStatus } from '../../../src/fleet/run/fleet-status.ts'
import { useIsLive } from './events.ts'
import { ask } from './http.ts'

const fleetKey = ['fleet'] as const

/** As long as the server pushes nothing. */
const POLL_MS = 2_000

/** The whole fleet as kmc sees it, kept fresh. */
export function useFleet() {
  const isLive = useIsLive()
  return useQuery({
    queryKey: fleetKey,
    queryFn: ({ signal }) => ask<FleetStatus>('/api/fleet', { signal }),
    refetchInterval: isLive ? POLL_MS * 15 : POLL_MS,
  })
}
