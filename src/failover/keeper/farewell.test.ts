import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeRouteChange } from '../state/records.ts'
import { farewellOf } from './farewell.ts'

const leaving = { route: 'shop', id: 'g', moves: 2, at: 9 }
const RECORD_BYTES_MAX = 512 * 1024

test('what clients were told last is left, with what the process before left under the same name', () => {
  const before = farewellOf(leaving, [{ topic: 'orders', partition: 0, end: 7 }], [])!
  const other = { ...before, id: 'h', ends: { orders: [[0, 99] as [number, number]] } }
  const old = { ...other, id: 'g', moves: 1 }
  const told = [
    { topic: 'orders', partition: 0, end: 5 },
    { topic: 'orders', partition: 3, end: 8 },
  ]
  const left = farewellOf(leaving, told, [before, other, old])!
  assert.deepEqual(left.ends, {
    orders: [
      [0, 7],
      [3, 8],
    ],
  })
  assert.equal(farewellOf(leaving, [], []), null)
})

test('it fits into a record, and says how much it leaves out', () => {
  const told = Array.from({ length: 30_000 }, (_, at) => {
    return { topic: `${at % 3_000}`.padEnd(249, 'x'), partition: at, end: 2 ** 40 + at }
  })
  const record = farewellOf(leaving, told, [])!
  const { value } = encodeRouteChange({ kind: 'farewell', name: 'shop', id: 'g', record })
  assert.ok(value!.length < RECORD_BYTES_MAX, `${value!.length}`)
  const kept = Object.values(record.ends).reduce((sum, list) => sum + list.length, 0)
  assert.equal(kept + record.leftOut, told.length)
})
