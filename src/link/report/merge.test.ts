import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LinkStatus, PartitionStatus } from '../status.ts'
import { mergeStatuses } from './merge.ts'

const counters = {
  records: 1,
  bytes: 10,
  fetchedBytes: 9,
  batches: 1,
  gapOffsets: 0,
  recutBatches: 0,
  mergedBatches: 0,
  recoveries: 0,
}

function partition(number: number, worker: string, seconds: number | null): PartitionStatus {
  const lag = { records: 5, bytes: 50, seconds, at: 1 }
  return { partition: number, state: 'active', worker, sourceEnd: 10, destinationEnd: 5, lag, fault: null }
}

/** What worker `self` tells: seconds of lag it knows of its own partition alone. */
function told(self: 'a' | 'b', change: Partial<LinkStatus> = {}): LinkStatus {
  const lag = { records: 10, bytes: 100, seconds: null, at: 1 }
  const seconds = { a: self === 'a' ? 1 : null, b: self === 'b' ? 2 : null }
  const partitions = [partition(0, 'a', seconds.a), partition(1, 'b', seconds.b)]
  return {
    link: 'l',
    state: 'active',
    generation: 4,
    workers: ['a', 'b'].map((name) => ({ name, leads: name === 'b', self: name === self })),
    lag,
    rate: { recordsPerSecond: 100, bytesPerSecond: 1_000 },
    fault: null,
    mirrors: [{ topic: 't', mirror: 't', state: 'active', lag, fault: null, partitions }],
    groups: self === 'b' ? [{ group: 'g', state: 'in-step', partitions: 2, asOf: 1, fault: null }] : [],
    counters,
    budget: { bytesPerSecond: 50, limited: false, limitedSeconds: 1, heldBytes: 7 },
    ...change,
  }
}

test('each partition is as its own worker sees it, groups as the leader does, and rates add up', () => {
  const merged = mergeStatuses([told('a'), told('b')])
  assert.deepEqual(
    merged.mirrors[0]!.partitions.map(({ lag }) => lag.seconds),
    [1, 2],
  )
  assert.equal(merged.lag.seconds, 2)
  assert.equal(merged.groups.length, 1)
  assert.equal(merged.rate.recordsPerSecond, 200)
  assert.deepEqual(merged.counters, { ...counters, records: 2, bytes: 20, fetchedBytes: 18, batches: 2 })
  assert.deepEqual([merged.budget?.bytesPerSecond, merged.budget?.heldBytes], [100, 14])
  assert.ok(merged.workers.every(({ self }) => self))
})

test('a worker that is still in an earlier generation says nothing about who holds what', () => {
  const merged = mergeStatuses([told('a', { generation: 3 }), told('b')])
  assert.equal(merged.generation, 4)
  assert.equal(merged.mirrors[0]!.partitions[0]!.lag.seconds, null)
})

test("a fault that one of them has is everybody's", () => {
  const fault = { code: 'DIVERGED', message: 'm', remedy: 'r', evidence: {}, since: 1 }
  const a = told('a')
  const [mirror] = a.mirrors
  const partitions = mirror!.partitions.map((seen) => (seen.worker === 'a' ? { ...seen, fault } : seen))
  const merged = mergeStatuses([{ ...a, mirrors: [{ ...mirror!, partitions }] }, told('b')])
  assert.deepEqual([merged.mirrors[0]!.fault, merged.mirrors[0]!.state], [fault, 'faulted'])
})
