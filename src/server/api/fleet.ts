import { z } from 'zod'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import { type Route, route } from '../http/route.ts'

export const fleetRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/fleet',
    tag: 'fleet',
    summary:
      'Everything known of clusters, links, mirrors, groups and routes: what `kmc status -o json` prints',
    need: { role: 'viewer', on: 'fleet' },
    action: null,
    answer: z.custom<FleetStatus>(),
    handle: ({ house }) => house.status(),
  }),
]
