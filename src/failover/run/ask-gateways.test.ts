import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { AckedRecord } from '../state/records.ts'
import { joinedAcked, portionsOf } from './ask-gateways.ts'

const PARTITIONS = 100_000
const PORTION_BYTES_MAX = 512 * 1024
const nothing: AckedRecord = { since: null, topics: {}, elsewhere: {}, unanswered: [], leftOut: 0 }

test('a hundred thousand partitions are asked about in portions that fit into a record, each once', () => {
  const named = Array.from({ length: PARTITIONS / 50 }, (_, at) => `${at}`.padEnd(200, 'x'))
  const all = Object.fromEntries(named.map((name) => [name, Array.from({ length: 50 }, () => 2 ** 40)]))
  const portions = portionsOf(all)
  for (const portion of portions) assert.ok(JSON.stringify(portion).length < PORTION_BYTES_MAX)
  assert.deepEqual(Object.assign({}, ...portions), all)
  assert.deepEqual(portionsOf({}), [{}])
})

test('what one portion did not ask about is no topic without a mirror', () => {
  const one = { ...nothing, elsewhere: { b: 4, stray: 2 }, leftOut: 1 }
  const more = { ...nothing, elsewhere: { a: 7, stray: 2 }, leftOut: 2 }
  const { elsewhere, leftOut } = joinedAcked(one, more, { a: [1], b: [2] })
  assert.deepEqual([elsewhere, leftOut], [{ stray: 2 }, 3])
})
