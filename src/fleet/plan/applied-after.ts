import type { AppliedFleet } from '../file/applied.ts'
import type { Fleet } from '../file/fleet.ts'
import { entryOf, type ObservedFleet } from './observed.ts'

/**
 * The record to write once everything of a plan is done. A cluster id that is not known now is kept from before, as
 * long as the cluster is of the same kind: it is how another cluster behind the address is noticed.
 */
export function appliedAfter(declared: Fleet, observed: ObservedFleet, at: number): AppliedFleet {
  const clusters = Object.entries(declared.clusters).map(([name, declaration]) => {
    const before = entryOf(observed.applied?.clusters ?? null, name)
    const kept = before?.declaration.kind === declaration.kind ? before.clusterId : null
    const clusterId = entryOf(observed.clusters, name)?.clusterId ?? kept
    return [name, { declaration, clusterId }] as const
  })
  return {
    format: 1,
    fleet: declared.name,
    appliedAt: at,
    clusters: Object.fromEntries(clusters),
    links: declared.links,
    routes: declared.routes,
  }
}
