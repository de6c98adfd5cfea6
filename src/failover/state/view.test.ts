import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertCode } from '../../../test/kit/assert-code.ts'
import { gatewayRecordOf, routeRecordOf } from '../testing/records.ts'
import { arbiterOf, highest, outranks } from './rank.ts'
import { decodeRouteChange, encodeRouteChange, type RouteChange } from './records.ts'
import { RouteView } from './view.ts'

function viewOf(...changes: RouteChange[]): RouteView {
  const view = new RouteView()
  for (const change of changes) view.apply(change)
  return view
}
const route = (change: Parameters<typeof routeRecordOf>[0]): RouteChange => {
  return { kind: 'route', name: 'shop', record: routeRecordOf(change) }
}
const gateway = (change: Parameters<typeof gatewayRecordOf>[0]): RouteChange => {
  return { kind: 'gateway', name: 'shop', id: change?.id ?? 'g', record: gatewayRecordOf(change) }
}

test('of two records of one epoch the first in the log holds, and is told to be written again', () => {
  const view = viewOf(
    route({ epoch: 1 }),
    route({ epoch: 2, writer: 'x' }),
    route({ epoch: 2, writer: 'y', active: 'b' }),
  )
  assert.equal(view.route('shop')?.writer, 'x')
  assert.equal(view.overwritten('shop')?.writer, 'x')
  view.apply(route({ epoch: 2, writer: 'x' }))
  assert.equal(view.overwritten('shop'), null)
})

test('a move outranks everything written on the old cluster without it', () => {
  const old = routeRecordOf({ epoch: 9 })
  const moved = routeRecordOf({ epoch: 6, moves: 1, active: 'b' })
  assert.ok(outranks(moved, old))
  assert.ok(!outranks(old, moved))
  assert.equal(highest([old, null, moved]), moved)
  assert.equal(
    viewOf(
      { kind: 'route', name: 'shop', record: old },
      { kind: 'route', name: 'shop', record: moved },
    ).route('shop'),
    moved,
  )
})

test('of two first records of a new route all agree on one', () => {
  const [x, y] = [routeRecordOf({ writer: 'x' }), routeRecordOf({ writer: 'y', active: 'b' })]
  assert.equal(highest([x, y]), x)
  assert.equal(highest([y, x]), x)
})

test('the next record is decided where a move would lead, and alone where nobody else is', () => {
  assert.equal(arbiterOf(routeRecordOf(), ['a', 'b']), 'b')
  assert.equal(arbiterOf(routeRecordOf({ active: 'b', alone: true }), ['a', 'b']), 'b')
})

test('a gateway that has written since is not gone', () => {
  const view = viewOf(gateway({ beat: 4 }), gateway({ beat: 3, gone: true }))
  assert.equal(view.gateways('shop')[0]?.gone, false)
  view.apply(gateway({ beat: 4, gone: true }))
  assert.equal(view.gateways('shop')[0]?.gone, true)
  view.apply(gateway({ beat: 5 }))
  assert.equal(view.gateways('shop')[0]?.gone, false)
  view.apply({ kind: 'gateway', name: 'shop', id: 'g', record: null })
  view.apply(gateway({ beat: 5, gone: true }))
  assert.deepEqual(view.gateways('shop'), [])
})

test('changes survive encoding; records about links are passed over; damaged ones are named', () => {
  for (const change of [
    route({ asks: { ends: { orders: [7] } }, alone: true }),
    gateway({ missing: ['2 members'] }),
  ]) {
    const { key, value } = encodeRouteChange(change)
    assert.deepEqual(decodeRouteChange(key, value, 0), change)
    assert.deepEqual(decodeRouteChange(key, null, 0), { ...change, record: null })
  }
  assert.equal(decodeRouteChange(Buffer.from('link/dr'), Buffer.from('{}'), 0), null)
  assertCode('STATE_UNREADABLE', () =>
    decodeRouteChange(Buffer.from('route/shop'), Buffer.from('{"format":1}'), 3),
  )
})
