import assert from 'node:assert/strict'
import { test } from 'node:test'
import { claimLease, type LeaseStore } from './lease.ts'
import type { StateChange } from './records.ts'
import { StateView } from './view.ts'

/** Two workers on one log; each sees what it has read. */
function storeOn(log: StateChange[]): LeaseStore {
  const view = new StateView()
  let position = 0
  return {
    view,
    append: async (change) => {
      log.push(change)
    },
    refresh: async () => {
      for (; position < log.length; position++) view.apply(log[position]!)
    },
  }
}

test('generations count up', async () => {
  const log: StateChange[] = []
  assert.equal((await claimLease(storeOn(log), 'dr', 'a', 0)).generation, 1)
  assert.equal((await claimLease(storeOn(log), 'dr', 'b', 0)).generation, 2)
  assert.equal((await claimLease(storeOn(log), 'other', 'b', 0)).generation, 1)
})

test('of workers that claim in the same instant each gets a generation of its own', async () => {
  const log: StateChange[] = []
  const names = ['a', 'b', 'c', 'd']
  const leases = await Promise.all(names.map((name) => claimLease(storeOn(log), 'dr', name, 0)))
  assert.deepEqual(new Set(leases.map(({ worker }) => worker.id)), new Set(names))
  assert.equal(new Set(leases.map(({ generation }) => generation)).size, 4)
})
