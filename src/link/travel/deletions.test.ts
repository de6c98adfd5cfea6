import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Deletions } from './deletions.ts'

const look = (at: number, missing: string[], more: { visible?: number; mirrored?: number } = {}) => ({
  ...{ at, missing, visible: 9, mirrored: 8 },
  ...more,
})

test('a mirror follows its topic after the hold time, and not when the topic comes back before', () => {
  const deletions = new Deletions({ afterMs: 10_000, shareMax: 0.25 })
  for (const at of [0, 2_000, 4_000]) assert.deepEqual(deletions.look(look(at, ['t'])).due, [])
  deletions.look(look(6_000, []))
  for (const at of [8_000, 12_000, 16_000]) assert.deepEqual(deletions.look(look(at, ['t'])).due, [])
  assert.deepEqual(deletions.look(look(18_000, ['t'])).due, ['t'])
})

test('one look proves nothing, also without a hold time', () => {
  const deletions = new Deletions({ afterMs: 0, shareMax: 1 })
  assert.deepEqual(
    [1, 2, 3].map((at) => deletions.look(look(at, ['t'])).due.length),
    [0, 0, 1],
  )
})

test('nothing is deleted while too much is gone at once, or everything', () => {
  const deletions = new Deletions({ afterMs: 0, shareMax: 0.25 })
  for (const at of [1, 2, 3, 4]) {
    const { due, note } = deletions.look(look(at, ['a', 'b', 'c']))
    assert.deepEqual([due, note?.startsWith('3 of 8')], [[], true])
  }
  assert.deepEqual(deletions.look(look(6, ['a', 'b'])).due, ['a', 'b'])
  assert.deepEqual(deletions.look(look(7, ['a'], { mirrored: 1 })).due, ['a'], 'one topic always may')
  assert.match(deletions.look(look(8, ['a'], { visible: 0 })).note!, /no topic at all/)
  assert.deepEqual(deletions.look(look(9, ['a'])).due, [], 'the time begins anew')
})

test('a time in which the source was not seen does not count', () => {
  const deletions = new Deletions({ afterMs: 1_000, shareMax: 1 })
  for (const at of [0, 1, 2]) deletions.look(look(at, ['t']))
  assert.deepEqual(deletions.look(look(500_000, ['t'])).due, [])
})

test('by default nothing is ever deleted', () => {
  const deletions = new Deletions({ afterMs: null, shareMax: 1 })
  for (const at of [0, 1, 2, 1e12]) assert.deepEqual(deletions.look(look(at, ['t'])).due, [])
})
