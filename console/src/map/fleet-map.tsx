import { Background, Controls, type Edge, MarkerType, type Node, ReactFlow } from '@xyflow/react'
import { useMemo } from 'react'
import type { FleetStatus } from '../../../src/fleet/run/fleet-status.ts'
import { FleetLine } from './edges.tsx'
import { clusterId, type FleetEdge, graphOf, routeId } from './graph.ts'
import { type Box, type MapEdge, type Placed, placeMap } from './layout.ts'
import { ClusterNode, type Dock, RegionNode, RouteNode } from './nodes.tsx'

const nodeTypes = { cluster: ClusterNode, route: RouteNode, region: RegionNode }
const edgeTypes = { line: FleetLine }

/** Clusters by region, links as arrows with their lag, routes to where they lead. */
export function FleetMap({ fleet }: { readonly fleet: FleetStatus }) {
  const graph = graphOf(fleet)
  // Places change with what there is, not with how it does.
  const shape = JSON.stringify([graph.nodes, graph.edges.map(shapeOf)])
  const placed = useMemo(() => {
    const [nodes, edges] = JSON.parse(shape) as Parameters<typeof placeMap>
    return placeMap(nodes, edges)
  }, [shape])
  return (
    <section className="map" aria-label="Map of the fleet">
      <ReactFlow
        key={shape}
        nodes={[...regionNodes(placed), ...nodesOf(fleet, graph.edges, placed)]}
        edges={graph.edges.map(lineOf)}
        {...{ nodeTypes, edgeTypes }}
        nodesDraggable={false}
        nodesConnectable={false}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        zoomOnScroll={false}
        preventScrolling={false}
        fitView
        fitViewOptions={{ maxZoom: 1.1, padding: 0.06 }}
        minZoom={0.2}
      >
        <Background gap={22} />
        <Controls showInteractive={false} />
      </ReactFlow>
    </section>
  )
}

/** An edge without what changes from second to second. */
function shapeOf({ id, from, to, hasLabel, isFaint }: FleetEdge): MapEdge {
  return { id, from, to, hasLabel, ...(isFaint === undefined ? {} : { isFaint }) }
}

function regionNodes({ regions }: Placed): Node[] {
  return [...regions].map(([region, box]) => ({
    ...{ id: `region ${region}`, type: 'region', data: { region }, zIndex: -1, ...at(box) },
  }))
}

function nodesOf({ clusters, routes }: FleetStatus, edges: readonly FleetEdge[], placed: Placed): Node[] {
  const place = (id: string) => ({ id, ...at(placed.nodes.get(id)!) })
  return [
    ...clusters.map((cluster) => {
      const id = clusterId(cluster.name)
      return { ...place(id), type: 'cluster', data: { cluster, docks: docksOf(id, edges, placed) } }
    }),
    ...routes.map((route) => {
      const id = routeId(route.name)
      return { ...place(id), type: 'route', data: { route, docks: docksOf(id, edges, placed) } }
    }),
  ]
}

function at({ x, y, width, height }: Box) {
  return { position: { x, y }, width, height, style: { width, height } }
}

function docksOf(node: string, edges: readonly FleetEdge[], { ports }: Placed): Dock[] {
  return edges.flatMap(({ id, from, to }) => {
    const port = ports.get(id)!
    return [
      ...(from === node ? [{ id: `from ${id}`, type: 'source' as const, port: port.from }] : []),
      ...(to === node ? [{ id: `to ${id}`, type: 'target' as const, port: port.to }] : []),
    ]
  })
}

function lineOf(edge: FleetEdge): Edge {
  const { id, from, to } = edge
  return {
    ...{ id, source: from, target: to, sourceHandle: `from ${id}`, targetHandle: `to ${id}` },
    ...{ type: 'line', data: { edge }, markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16 } },
  }
}
