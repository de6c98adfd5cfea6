import type { AppliedFleet } from '../../file/applied.ts'
import { parseFleet } from '../../file/load.ts'

/** The record of a fleet file that was applied just as it is. */
export function appliedOf(text: string): AppliedFleet {
  const { fleet } = parseFleet(text)
  const clusters = Object.entries(fleet.clusters).map(([name, declaration]) => [
    name,
    { declaration, clusterId: null },
  ])
  return {
    format: 1,
    fleet: fleet.name,
    appliedAt: 0,
    clusters: Object.fromEntries(clusters),
    links: fleet.links,
  }
}
