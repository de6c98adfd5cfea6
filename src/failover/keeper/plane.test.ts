import assert from 'node:assert/strict'
import { test } from 'node:test'
import { routeRecordOf } from '../testing/records.ts'
import { Plane } from './plane.ts'

const at = (monoMs: number) => ({ monoMs, wallMs: monoMs })
const parked = routeRecordOf({ epoch: 2, phase: 'parked', active: 'a', target: 'b' })
const moved = routeRecordOf({ epoch: 3, phase: 'open', active: 'b' })

function parkedWith(missing: readonly string[]): Plane {
  const plane = new Plane('a')
  assert.equal(plane.follow(parked, at(0))[0]!.kind, 'enter')
  assert.ok(plane.entered(2, 'parked', missing, at(10)))
  return plane
}

test('what did not park in time does not hold up the move: the swap closes it', () => {
  assert.deepEqual(parkedWith(['transaction t']).follow(moved, at(11)), [{ kind: 'swap', cluster: 'b' }])
})

test('a swap that failed is tried again after a while', () => {
  const plane = parkedWith([])
  assert.equal(plane.follow(moved, at(11)).length, 1)
  plane.swapFailed('no answer', at(20))
  assert.deepEqual(plane.follow(moved, at(500)), [])
  assert.deepEqual(plane.follow(moved, at(1_100)), [{ kind: 'swap', cluster: 'b' }])
})
