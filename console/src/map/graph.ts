import type { FleetStatus, LinkOverview } from '../../../src/fleet/run/fleet-status.ts'
import type { RouteOverview } from '../../../src/fleet/run/route-overview.ts'
import type { MapEdge, MapNode } from './layout.ts'

/** An edge with what it stands for. */
export type FleetEdge = MapEdge &
  ({ readonly kind: 'link'; readonly link: LinkOverview } | { readonly kind: 'route' | 'standby' })

/** The fleet as nodes and edges: links between clusters, and each route to the cluster it leads to. */
export function graphOf({ clusters, links, routes }: FleetStatus): { nodes: MapNode[]; edges: FleetEdge[] } {
  const nodes: MapNode[] = [
    ...clusters.map(({ name, region }) => ({ id: clusterId(name), kind: 'cluster' as const, region })),
    ...routes.map(({ name }) => ({ id: routeId(name), kind: 'route' as const, region: null })),
  ]
  const edges = [...links.map(linkEdge), ...routes.flatMap(routeEdges)]
  const known = new Set(nodes.map(({ id }) => id))
  return { nodes, edges: edges.filter(({ from, to }) => known.has(from) && known.has(to)) }
}

export const clusterId = (name: string): string => `cluster ${name}`
export const routeId = (name: string): string => `route ${name}`

function linkEdge(link: LinkOverview): FleetEdge {
  const { name, from, to } = link
  return { id: `link ${name}`, kind: 'link', link, from: clusterId(from), to: clusterId(to), hasLabel: true }
}

/** Where it leads as far as that is known; else to where it is declared to lead first. */
function routeEdges({ name, primary, standby, active }: RouteOverview): FleetEdge[] {
  const serving = active ?? primary
  const other = serving === primary ? standby : primary
  const edge = (kind: 'route' | 'standby', cluster: string): FleetEdge => ({
    ...{
      id: `${kind} ${name}`,
      kind,
      from: routeId(name),
      to: clusterId(cluster),
      hasLabel: false,
      isFaint: kind === 'standby',
    },
  })
  return [edge(active === null ? 'standby' : 'route', serving), edge('standby', other)].map((one, index) => ({
    ...one,
    id: `${one.id} ${index}`,
  }))
}
