import type { FleetStatus, LinkOverview } from '../fleet/run/fleet-status.ts'

/**
 * One picture of a fleet of what several processes on this machine tell of it. The first that runs clusters speaks for
 * them; of each link whoever leads it knows most, then whoever works on it. At least one status is needed.
 */
export function mergeFleets(statuses: readonly FleetStatus[]): FleetStatus {
  const [first] = statuses
  const links = new Map<string, LinkOverview>()
  for (const link of statuses.flatMap((status) => status.links)) {
    const known = links.get(link.name)
    if (known === undefined || knowledge(link) > knowledge(known)) links.set(link.name, link)
  }
  return { ...first!, links: [...links.values()] }
}

function knowledge({ worker, workers, generation }: LinkOverview): number {
  const leads = workers.some((one) => one.leads && one.self)
  const works = worker?.state === 'running' && workers.length > 0
  return (leads ? 2 : works ? 1 : 0) + (generation ?? 0) * 4
}
