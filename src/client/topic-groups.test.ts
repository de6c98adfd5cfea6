import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { assertCode } from '../../test/kit/assert-code.ts'
import { TopicGroups } from './topic-groups.ts'

const ID = 'AAAAAAAAAAAAAAAAAAAAAQ'
const partitions = fc.uniqueArray(
  fc.record({ topic: fc.constantFrom('a', 'b', 'c', 'd'), partition: fc.nat(40) }),
  { maxLength: 80, selector: ({ topic, partition }) => `${topic}-${partition}` },
)

test('answers come back in the order of the question, whatever order the broker chose', () => {
  fc.assert(
    fc.property(partitions, fc.infiniteStream(fc.nat()), (items, random) => {
      const groups = new TopicGroups(items)
      const asked = groups.list.flatMap(({ topic, items: own }) =>
        own.map(({ partition }) => `${topic}-${partition}`),
      )
      assert.deepEqual([...asked].sort(), items.map(({ topic, partition }) => `${topic}-${partition}`).sort())
      const results = groups.results<string>('Thing')
      const shuffled = items.map((item) => ({ item, at: random.next().value! })).sort((a, b) => a.at - b.at)
      for (const { item } of shuffled)
        results.put(item.topic, item.partition, `${item.topic}-${item.partition}`)
      assert.deepEqual(
        results.finish(),
        items.map(({ topic, partition }) => `${topic}-${partition}`),
      )
    }),
  )
})

test('items are taken as they are', () => {
  const item = { topic: 'a', partition: 0, more: 'kept' }
  assert.equal(new TopicGroups([item]).list[0]?.items[0], item)
})

test('what is left out, and what was not asked, is noticed', () => {
  const groups = new TopicGroups([
    { topic: 'a', partition: 0 },
    { topic: 'a', partition: 1 },
  ])
  const results = groups.results<number>('Thing')
  assertCode('INCOMPLETE_RESPONSE', () => results.put('a', 2, 0))
  assertCode('INCOMPLETE_RESPONSE', () => results.put('b', 0, 0))
  results.put('a', 0, 0)
  assertCode('INCOMPLETE_RESPONSE', () => results.finish())
  results.put('a', 1, 1)
  assert.deepEqual(results.finish(), [0, 1])
})

test('two results of one call do not disturb each other', () => {
  const groups = new TopicGroups([
    { topic: 'a', partition: 0 },
    { topic: 'a', partition: 1 },
  ])
  for (const turn of [1, 2]) {
    const results = groups.results<number>('Thing')
    results.put('a', 0, turn)
    results.put('a', 1, turn)
    assert.deepEqual(results.finish(), [turn, turn])
  }
})

test('a partition that stands twice is refused where that matters', () => {
  assertCode('INVALID_ARGUMENT', () =>
    new TopicGroups([1, 1].map((partition) => ({ topic: 'a', partition }))).assertDistinct('X'),
  )
  new TopicGroups([1, 2].map((partition) => ({ topic: 'a', partition }))).assertDistinct('X')
})

test('topics go by id only when every id is known', () => {
  assert.equal(new TopicGroups([{ topic: 'a', topicId: ID, partition: 0 }]).haveIds, true)
  assert.equal(
    new TopicGroups([
      { topic: 'a', topicId: ID, partition: 0 },
      { topic: 'b', topicId: '', partition: 0 },
    ]).haveIds,
    false,
  )
  const groups = new TopicGroups([{ topic: 'a', topicId: ID, partition: 0 }])
  assert.equal(groups.nameOf(ID), 'a')
  assertCode('INCOMPLETE_RESPONSE', () => groups.nameOf('AAAAAAAAAAAAAAAAAAAAAg'))
})
