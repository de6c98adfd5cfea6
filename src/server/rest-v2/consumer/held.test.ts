import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ConsumedRecord } from '../../../client/records/read-topic.ts'
import { Held } from './held.ts'

const place = (partition: number, offset = 0) => ({ topic: 't', partition, offset })

function record(partition: number, offset: number, bytes = 1): ConsumedRecord {
  return { ...place(partition, offset), timestamp: 0, key: null, value: Buffer.alloc(bytes), headers: [] }
}

const rows = (partition: number, from: number, count: number, bytes = 1) =>
  Array.from({ length: count }, (_, at) => record(partition, from + at, bytes))

const offsets = (records: readonly ConsumedRecord[]) =>
  records.map(({ partition, offset }) => [partition, offset])

test('records go out in order up to the bytes asked for, the first one whatever its size', () => {
  const held = new Held()
  held.take([place(0), place(1)])
  held.put(place(0), rows(0, 0, 3, 10), 3)
  assert.deepEqual(offsets(held.hand(5, true)), [[0, 0]])
  assert.deepEqual(held.hand(5, false), [])
  assert.ok(held.hasWaiting)
  assert.deepEqual(offsets(held.hand(20, true)), [
    [0, 1],
    [0, 2],
  ])
  assert.deepEqual(held.wanted(), [place(1), place(0, 3)])
})

test('a position counts as given when its records have arrived', () => {
  const held = new Held()
  held.take([place(0)])
  held.put(place(0), rows(0, 0, 2), 2)
  const handed = held.hand(100, true)
  assert.deepEqual(held.given(), [place(0)])
  held.giveBack(handed)
  assert.deepEqual(offsets(held.hand(100, true)), [
    [0, 0],
    [0, 1],
  ])
  held.arrived()
  assert.deepEqual(held.given(), [place(0, 2)])
})

test('records of a control batch alone move the position', () => {
  const held = new Held()
  held.take([place(0)])
  held.put(place(0), [], 5)
  held.arrived()
  assert.deepEqual(held.given(), [place(0, 5)])
})

test('what was read for a position before is dropped', () => {
  const held = new Held()
  held.take([place(0)])
  held.seek(place(0, 7))
  held.put(place(0), rows(0, 0, 3), 3)
  assert.ok(!held.hasWaiting)
  held.put(place(0, 7), rows(0, 7, 1), 8)
  assert.deepEqual(offsets(held.hand(100, true)), [[0, 7]])
  assert.throws(() => held.seek(place(3)), { code: 'CONSUMER_STATE' })
})

test('whatever is handed, given back and arrives: each record arrives once, in order', () => {
  const step = fc.record({
    bytes: fc.integer({ min: 1, max: 30 }),
    arrives: fc.boolean(),
    read: fc.integer({ min: 0, max: 5 }),
  })
  const property = fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
    const held = new Held()
    held.take([place(0), place(1)])
    const arrived = new Map([
      [0, 0],
      [1, 0],
    ])
    for (const { bytes, arrives, read } of steps) {
      for (const from of held.wanted()) {
        held.put(from, rows(from.partition, from.offset, read, 7), from.offset + read)
      }
      const handed = held.hand(bytes, true)
      if (arrives) {
        for (const { partition, offset } of handed) {
          assert.equal(offset, arrived.get(partition))
          arrived.set(partition, offset + 1)
        }
        held.arrived()
      } else held.giveBack(handed)
      for (const { partition, offset } of held.given()) assert.equal(offset, arrived.get(partition))
    }
  })
  fc.assert(property)
})
