import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { test } from 'node:test'
import type { FailoverRecord } from '../state/records.ts'
import { ABANDONED_MS, refuseBusy } from './busy.ts'

const PID_OF_NOBODY = 2 ** 22 + 1

/** Whether a run is left to who works on it, when its last word was so long ago. */
function isBusy(silentMs: number, change: Partial<FailoverRecord['runner']>): boolean {
  const runner = { id: 'first', host: 'elsewhere', pid: 1, user: 'ann', ...change }
  const run: FailoverRecord = {
    ...{ route: 'shop', id: 'r', kind: 'switchover', plan: 'p', step: 'drain', steps: [] },
    ...{ runner, claim: 1, memo: {}, state: 'running', at: 50_000 },
  }
  try {
    refuseBusy(run, 50_000 + silentMs, ABANDONED_MS)
    return false
  } catch (error) {
    assert.equal((error as { code?: string }).code, 'FAILOVER_RUNNING')
    return true
  }
}

test('a run is left alone while its word is young; a living process of this machine for longer', () => {
  const here = { host: hostname(), pid: process.pid }
  const dead = { host: hostname(), pid: PID_OF_NOBODY }
  assert.deepEqual([isBusy(9_000, {}), isBusy(11_000, {})], [true, false])
  assert.deepEqual([isBusy(11_000, here), isBusy(21_000, here)], [true, false])
  assert.equal(isBusy(0, dead), false)
})
