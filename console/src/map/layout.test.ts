import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Box, type MapEdge, type MapNode, placeMap } from './layout.ts'

const cluster = (id: string, region: string | null = null): MapNode => ({ id, kind: 'cluster', region })
const link = (from: string, to: string): MapEdge => ({ id: `${from}-${to}`, from, to, hasLabel: true })

const overlap = (a: Box, b: Box): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height

function overlaps(boxes: Iterable<Box>): number {
  const all = [...boxes]
  return all.flatMap((a, index) => all.slice(index + 1).filter((b) => overlap(a, b))).length
}

test('no cluster lies on another, nor a region on another', () => {
  const nodes = ['a', 'b', 'c', 'd', 'e', 'f'].map((id, index) => cluster(id, ['kr', 'us', 'eu'][index % 3]!))
  const edges = [
    link('a', 'b'),
    link('b', 'a'),
    link('a', 'c'),
    link('d', 'e'),
    link('c', 'f'),
    link('f', 'b'),
  ]
  const placed = placeMap(nodes, edges)
  assert.equal(placed.nodes.size, 6)
  assert.equal(overlaps(placed.nodes.values()), 0)
  assert.equal(overlaps(placed.regions.values()), 0)
})

test('a cluster stands inside its region', () => {
  const placed = placeMap([cluster('a', 'kr'), cluster('b', 'us')], [link('a', 'b')])
  const [inner, outer] = [placed.nodes.get('a')!, placed.regions.get('kr')!]
  assert.ok(outer.x < inner.x && outer.x + outer.width > inner.x + inner.width)
})

test('links both ways between two clusters have ports of their own, far enough apart for labels', () => {
  const { ports } = placeMap([cluster('a'), cluster('b')], [link('a', 'b'), link('b', 'a')])
  const there = ports.get('a-b')!
  const back = ports.get('b-a')!
  assert.equal(there.from.side, back.to.side)
  assert.ok(Math.abs(there.from.y - back.to.y) >= 30, `${there.from.y} and ${back.to.y}`)
})

test('a cluster that nothing leads to is on the map too', () => {
  const { nodes } = placeMap([cluster('a')], [])
  assert.ok(nodes.get('a')!.width > 0)
})
