import { newestOf } from '../../link/turn/direction.ts'
import type { AppliedFleet } from '../file/applied.ts'
import type { Fleet, LinkDeclaration } from '../file/fleet.ts'
import { entryOf, type ObservedCluster, type ObservedFleet } from './observed.ts'

type Clusters = Readonly<Record<string, ObservedCluster>>

/** A fleet with its links as they run: one that was turned leads the other way than it is declared. */
export function asItRuns<F extends Fleet | AppliedFleet>(fleet: F, { clusters }: ObservedFleet): F {
  const links = Object.entries(fleet.links).map(([name, link]) => [name, linkAsItRuns(link, clusters)])
  return { ...fleet, links: Object.fromEntries(links) }
}

function linkAsItRuns(link: LinkDeclaration, clusters: Clusters): LinkDeclaration {
  const [from, to] = [entryOf(clusters, link.from), entryOf(clusters, link.to)]
  const told = [from, to].flatMap((cluster) => entryOf(cluster?.directions ?? null, link.name) ?? [])
  const newest = newestOf(told)
  const isTurned = newest !== null && newest.toClusterId === from?.clusterId
  return isTurned ? { ...link, from: link.to, to: link.from } : link
}
