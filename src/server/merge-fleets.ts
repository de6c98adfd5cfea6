import type { FleetStatus, LinkOverview } from '../fleet/run/fleet-status.ts'
import type { RouteOverview } from '../fleet/run/route-overview.ts'

/**
 * One picture of a fleet of what several processes on this machine tell of it. The first that runs clusters speaks for
 * them; of each link whoever leads it knows most, then whoever works on it, of each route whoever takes its writes. At
 * least one status is needed.
 */
export function mergeFleets(statuses: readonly FleetStatus[]): FleetStatus {
  const [first] = statuses
  const links = new Map<string, LinkOverview>()
  for (const link of statuses.flatMap((status) => status.links)) {
    const known = links.get(link.name)
    if (known === undefined || knowledge(link) > knowledge(known)) links.set(link.name, link)
  }
  const routes = new Map<string, RouteOverview>()
  for (const route of statuses.flatMap((status) => status.routes)) {
    const known = routes.get(route.name)
    if (known === undefined || service(route) > service(known)) routes.set(route.name, route)
  }
  return { ...first!, links: [...links.values()], routes: [...routes.values()] }
}

function service({ gateway }: RouteOverview): number {
  return gateway === null ? 0 : gateway.mayWrite ? 2 : 1
}

function knowledge({ worker, workers, generation }: LinkOverview): number {
  const leads = workers.some((one) => one.leads && one.self)
  const works = worker?.state === 'running' && workers.length > 0
  return (leads ? 2 : works ? 1 : 0) + (generation ?? 0) * 4
}
