import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Health } from './health.ts'

test('a short trouble is not told, a lasting one is, with when it began', () => {
  const health = new Health()
  health.failed('source', 1, 'refused', 1_000)
  assert.equal(health.fault(5_000), null)
  health.failed('source', 1, 'refused again', 5_500)
  const fault = health.fault(6_000)
  assert.deepEqual([fault?.code, fault?.since], ['SOURCE_UNREACHABLE', 1_000])
  assert.match(fault?.message ?? '', /broker 1 does not answer: refused again/)
  health.answered('source', 1)
  assert.equal(health.fault(10_000), null)
})

test('partitions that settle say nothing about a cluster that does not answer', () => {
  const health = new Health()
  health.failed('destination', 'cluster', 'gone', 0)
  health.failed('destination', 2, 'gone', 0)
  health.allSettled('destination')
  assert.match(health.fault(9_000)?.message ?? '', /the cluster does not answer/)
  health.answered('destination', 'cluster')
  assert.equal(health.fault(9_000), null)
})
