import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  type AssignedWorker,
  Division,
  decodeAssignment,
  encodeAssignment,
  workerName,
} from './assignment.ts'

const worker = (key: string): AssignedWorker => ({ key, id: `id-${key}`, host: 'h', pid: 1, thread: 0 })
const keys = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 12 })

test('each topic is spread over all workers to within one partition', () => {
  fc.assert(
    fc.property(
      keys,
      fc.string({ maxLength: 20 }),
      fc.integer({ min: 0, max: 60 }),
      (names, topic, count) => {
        const division = new Division(names.map(worker))
        const held = new Map(names.map((name) => [name, 0]))
        for (let partition = 0; partition < count; partition++) {
          const { key } = division.ownerOf({ topic, partition })
          held.set(key, held.get(key)! + 1)
        }
        assert.ok(Math.max(...held.values()) - Math.min(...held.values()) <= 1)
      },
    ),
  )
})

test('every worker comes to the same result, in whatever order it was told of the others', () => {
  fc.assert(
    fc.property(keys, fc.string({ maxLength: 20 }), (names, topic) => {
      const [a, b] = [new Division(names.map(worker)), new Division(names.toReversed().map(worker))]
      for (let partition = 0; partition < 20; partition++) {
        assert.equal(a.ownerOf({ topic, partition }).key, b.ownerOf({ topic, partition }).key)
      }
    }),
  )
})

test('a new partition moves no other', () => {
  const division = new Division(['a', 'b', 'c'].map(worker))
  const before = Array.from({ length: 7 }, (_, partition) => division.ownerOf({ topic: 't', partition }).key)
  const after = Array.from({ length: 8 }, (_, partition) => division.ownerOf({ topic: 't', partition }).key)
  assert.deepEqual(after.slice(0, 7), before)
})

test('topics of one partition are spread as well', () => {
  const division = new Division(['a', 'b', 'c', 'd'].map(worker))
  const held = new Map<string, number>()
  for (let i = 0; i < 1_000; i++) {
    const { key } = division.ownerOf({ topic: `topic-${i}`, partition: 0 })
    held.set(key, (held.get(key) ?? 0) + 1)
  }
  for (const count of held.values()) assert.ok(count > 180 && count < 320, [...held].join(' '))
})

test('an assignment survives encoding; what is none is refused', () => {
  const assignment = {
    generation: 7,
    producerId: 0,
    producerEpoch: 0,
    gaps: 'markers' as const,
    leader: 'id-a',
    members: [worker('a'), worker('b')],
  }
  assert.deepEqual(decodeAssignment(encodeAssignment(assignment)), assignment)
  for (const text of [
    '',
    '{}',
    'null',
    '{"format":2}',
    JSON.stringify({ format: 1, ...assignment, members: [] }),
  ])
    assert.throws(() => decodeAssignment(Buffer.from(text)), { code: 'STATE_UNREADABLE' })
})

test('workers are named by host and process, threads beyond the first too', () => {
  assert.equal(workerName(worker('a')), 'h/1')
  assert.equal(workerName({ ...worker('a'), thread: 2 }), 'h/1.2')
})
