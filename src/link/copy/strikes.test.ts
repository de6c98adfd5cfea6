import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PartitionCopier } from '../copier/partition.ts'
import { limits } from './limits.ts'
import { Strikes } from './strikes.ts'

const copier = new PartitionCopier({ topic: 't', partition: 0 }, { producerId: 1, producerEpoch: 0 })

test('recoveries without a failed write never add up', () => {
  const strikes = new Strikes()
  for (let i = 0; i < 100; i++) assert.equal(strikes.add(copier, i), null)
  assert.equal(strikes.restMs(copier, 0), 0)
})

test('the first failure is recovered from at once, later ones wait longer, too many are told', () => {
  const strikes = new Strikes()
  const rests: number[] = []
  for (let i = 1; i <= limits.strikesMax; i++) {
    strikes.note(copier, 'why')
    assert.equal(strikes.add(copier, 0), null)
    rests.push(strikes.restMs(copier, 0))
  }
  assert.deepEqual(rests.slice(0, 3), [0, limits.retryFirstMs * 2, limits.retryFirstMs * 4])
  assert.equal(rests.at(-1), limits.retryLastMs)
  strikes.note(copier, 'the last one')
  assert.equal(strikes.add(copier, 0), 'the last one')
})

test('something that lands clears the account', () => {
  const strikes = new Strikes()
  for (let i = 0; i < limits.strikesMax; i++) {
    strikes.note(copier, 'why')
    strikes.add(copier, 0)
  }
  strikes.clear(copier)
  strikes.note(copier, 'why')
  assert.equal(strikes.add(copier, 0), null)
})
