import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  decodeAssignment,
  decodeSubscription,
  encodeAssignment,
  encodeSubscription,
} from './consumer-protocol.ts'
import { assignRanges } from './range-assignor.ts'

const subscriber = (memberId: string, ...topics: string[]) => ({ memberId, order: memberId, topics })

test('stretches of each topic go to its subscribers in order, the first ones one more', () => {
  const given = assignRanges(
    [subscriber('b', 'orders', 'pages'), subscriber('a', 'orders'), subscriber('c', 'nothing')],
    new Map([
      ['orders', 5],
      ['pages', 2],
    ]),
  )
  assert.deepEqual(Object.fromEntries(given), {
    a: [{ topic: 'orders', partitions: [0, 1, 2] }],
    b: [
      { topic: 'orders', partitions: [3, 4] },
      { topic: 'pages', partitions: [0, 1] },
    ],
    c: [],
  })
})

test('each partition has one owner, and nobody has more than one above another', () => {
  const property = fc.property(
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 0, max: 100 }),
    (members, count) => {
      const all = Array.from({ length: members }, (_, at) => subscriber(`m${at}`, 't'))
      const shares = [...assignRanges(all, new Map([['t', count]])).values()].map(
        ([own]) => own?.partitions ?? [],
      )
      assert.deepEqual(
        shares.flat().sort((a, b) => a - b),
        Array.from({ length: count }, (_, at) => at),
      )
      const sizes = shares.map(({ length }) => length)
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1)
    },
  )
  fc.assert(property)
})

test('subscriptions and assignments survive the way there and back; other bytes are null', () => {
  assert.deepEqual(decodeSubscription(encodeSubscription(['a', 'b'], 3)), ['a', 'b'])
  assert.notDeepEqual(encodeSubscription(['a'], 1), encodeSubscription(['a'], 2))
  const assigned = [{ topic: 'a', partitions: [0, 2] }]
  assert.deepEqual(decodeAssignment(encodeAssignment(assigned)), assigned)
  assert.deepEqual(
    [decodeAssignment(Buffer.from('zzzz')), decodeSubscription(Buffer.from([1]))],
    [null, null],
  )
})
