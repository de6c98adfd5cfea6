import type { FleetStatus } from '../../src/fleet/run/fleet-status.ts'
import type { RouteOverview } from '../../src/fleet/run/route-overview.ts'
import { kmc } from './kmc.ts'

/** The first route of a fleet, as `kmc status` has it. */
export async function firstRoute(directory: string): Promise<RouteOverview | undefined> {
  const { code, stdout } = await kmc(directory, 'status', '-o', 'json')
  return code === 0 ? (JSON.parse(stdout) as FleetStatus).routes[0] : undefined
}
