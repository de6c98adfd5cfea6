import { Graph, layout } from '@dagrejs/dagre'

/** What a map is made of, apart from how it is drawn. */
export type MapNode = {
  readonly id: string
  readonly kind: 'cluster' | 'route'
  readonly region: string | null
}
export type MapEdge = {
  readonly id: string
  readonly from: string
  readonly to: string
  readonly hasLabel: boolean
  /** Drawn where the others leave room; it moves nothing. */
  readonly isFaint?: boolean
}

/** Pixels from the top left corner. */
export type Box = { readonly x: number; readonly y: number; readonly width: number; readonly height: number }

/** Where an edge leaves and enters: a side, and how far down it. */
export type Port = { readonly side: 'left' | 'right'; readonly y: number }

export type Placed = {
  readonly nodes: ReadonlyMap<string, Box>
  readonly regions: ReadonlyMap<string, Box>
  readonly ports: ReadonlyMap<string, { readonly from: Port; readonly to: Port }>
}

const CLUSTER = { width: 224, height: 108 }
const ROUTE = { width: 190, height: 52 }
const LABEL = { width: 170, height: 46 }
/** So far apart that the labels of two edges between the same clusters stand clear of each other. */
const PORT_GAP = 58
const REGION_PADDING = { x: 22, top: 34, bottom: 20 }

/** Places clusters from left to right as links run, those of a region together; the same for the same fleet. */
export function placeMap(nodes: readonly MapNode[], edges: readonly MapEdge[]): Placed {
  const graph = new Graph({ multigraph: true, compound: true })
  graph.setGraph({ rankdir: 'LR', nodesep: 56, ranksep: 70, edgesep: 40, marginx: 24, marginy: 24 })
  for (const { id, kind, region } of nodes) {
    graph.setNode(id, sizeOf(kind, labelsAt(id, edges)))
    if (region === null) continue
    graph.setNode(regionId(region), {})
    graph.setParent(id, regionId(region))
  }
  for (const { id, from, to, hasLabel, isFaint } of edges) {
    if (isFaint) continue
    graph.setEdge(from, to, hasLabel ? { ...LABEL, labelpos: 'c' } : { width: 40, height: 1 }, id)
  }
  layout(graph)
  const boxes = new Map(nodes.map(({ id }) => [id, boxOf(graph.node(id) as Box)]))
  return { nodes: boxes, regions: regionBoxes(nodes, boxes), ports: portsOf(boxes, edges) }
}

const regionId = (region: string): string => `region ${region}`

function labelsAt(node: string, edges: readonly MapEdge[]): number {
  return edges.filter(({ from, to, hasLabel }) => hasLabel && (from === node || to === node)).length
}

function sizeOf(kind: MapNode['kind'], labels: number): { width: number; height: number } {
  if (kind === 'route') return ROUTE
  return { width: CLUSTER.width, height: Math.max(CLUSTER.height, labels * PORT_GAP) }
}

/** dagre places centres. */
function boxOf({ x, y, width, height }: Box): Box {
  return { x: x - width / 2, y: y - height / 2, width, height }
}

function regionBoxes(nodes: readonly MapNode[], boxes: ReadonlyMap<string, Box>): Map<string, Box> {
  const members = Map.groupBy(
    nodes.filter(({ region }) => region !== null),
    ({ region }) => region!,
  )
  return new Map(
    [...members].map(([region, those]) => [region, around(those.map(({ id }) => boxes.get(id)!))]),
  )
}

function around(boxes: readonly Box[]): Box {
  const left = Math.min(...boxes.map(({ x }) => x)) - REGION_PADDING.x
  const top = Math.min(...boxes.map(({ y }) => y)) - REGION_PADDING.top
  const right = Math.max(...boxes.map(({ x, width }) => x + width)) + REGION_PADDING.x
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + REGION_PADDING.bottom
  return { x: left, y: top, width: right - left, height: bottom - top }
}

type End = {
  readonly edge: string
  readonly end: 'from' | 'to'
  readonly side: Port['side']
  readonly otherY: number
}

/** Each edge has ports of its own, in the order of where they lead, so that edges do not lie on each other. */
function portsOf(boxes: ReadonlyMap<string, Box>, edges: readonly MapEdge[]): Placed['ports'] {
  const ends = new Map<string, End[]>()
  // A faint edge would push the others' labels together: it docks in their midst.
  const ordered = edges.filter(({ isFaint }) => isFaint !== true)
  for (const { id, from, to } of ordered) {
    const [a, b] = [boxes.get(from)!, boxes.get(to)!]
    const forward = a.x <= b.x
    add(ends, from, { edge: id, end: 'from', side: forward ? 'right' : 'left', otherY: middle(b) })
    add(ends, to, { edge: id, end: 'to', side: forward ? 'left' : 'right', otherY: middle(a) })
  }
  const ports = new Map<string, { from: Port; to: Port }>()
  for (const [node, those] of ends) {
    for (const side of ['left', 'right'] as const) {
      const here = those.filter((end) => end.side === side).sort(byPlace)
      const { height } = boxes.get(node)!
      here.forEach(({ edge, end }, index) => {
        const port = { side, y: ((index + 1) * height) / (here.length + 1) }
        ports.set(edge, { ...(ports.get(edge) ?? { from: port, to: port }), [end]: port })
      })
    }
  }
  for (const { id, from, to, isFaint } of edges) {
    if (isFaint !== true) continue
    const [a, b] = [boxes.get(from)!, boxes.get(to)!]
    ports.set(id, { from: { side: 'right', y: a.height / 2 }, to: { side: 'left', y: b.height / 2 } })
  }
  return ports
}

const byPlace = (a: End, b: End): number => a.otherY - b.otherY || (a.edge < b.edge ? -1 : 1)

const middle = ({ y, height }: Box): number => y + height / 2

function add(ends: Map<string, End[]>, node: string, end: End): void {
  const those = ends.get(node)
  if (those === undefined) ends.set(node, [end])
  else those.push(end)
}
