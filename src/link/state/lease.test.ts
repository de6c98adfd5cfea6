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

const claim = (link: string, workerId: string) => ({ link, workerId, now: 0 })

test('generations count up', async () => {
  const log: StateChange[] = []
  assert.equal((await claimLease(storeOn(log), claim('dr', 'a'))).generation, 1)
  assert.equal((await claimLease(storeOn(log), claim('dr', 'b'))).generation, 2)
  assert.equal((await claimLease(storeOn(log), claim('other', 'b'))).generation, 1)
})

test('of workers that claim in the same instant each gets a generation of its own', async () => {
  const log: StateChange[] = []
  const names = ['a', 'b', 'c', 'd']
  const leases = await Promise.all(names.map((name) => claimLease(storeOn(log), claim('dr', name))))
  assert.deepEqual(new Set(leases.map(({ worker }) => worker.id)), new Set(names))
  assert.equal(new Set(leases.map(({ generation }) => generation)).size, 4)
})

test('a claim lies above what is known to have written, and one that is not wanted any more is not made', async () => {
  const log: StateChange[] = []
  assert.equal((await claimLease(storeOn(log), { ...claim('dr', 'a'), above: 41 })).generation, 42)
  const late = claimLease(storeOn(log), { ...claim('dr', 'b'), isWanted: () => false })
  await assert.rejects(late, { code: 'FENCED' })
  assert.equal(log.length, 1)
})
