import type { FleetStatus } from '../../fleet/run/fleet-status.ts'

/**
 * The clusters that a change is about, by the parameters of its path: the one that is named, both of a link or a route,
 * or all. A name that nobody knows concerns the whole fleet.
 */
export function concernedClusters(
  on: Readonly<Record<string, string>>,
  { clusters, links, routes }: FleetStatus,
): string[] {
  const all = clusters.map(({ name }) => name)
  const link = links.find(({ name }) => name === on.link)
  const route = routes.find(({ name }) => name === on.route)
  const named = [
    ...(on.cluster === undefined ? [] : [on.cluster]),
    ...(link === undefined ? [] : [link.from, link.to]),
    ...(route === undefined ? [] : [route.primary, route.standby]),
  ].filter((name) => all.includes(name))
  return named.length === 0 ? all : [...new Set(named)]
}
