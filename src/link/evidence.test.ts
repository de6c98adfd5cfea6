import assert from 'node:assert/strict'
import { test } from 'node:test'
import { batch } from './copier/testing/batches.ts'
import { diverged, divergedBy } from './evidence.ts'

test('a late batch of the link itself is not told as somebody else’s', () => {
  const found = diverged({ topic: 't', partition: 0 }, { expected: 3, actual: 4 })
  const there = batch({ offsets: [3], producerId: 7 })
  const told = (own: number) => divergedBy(found, there, { producers: [], own: new Set([own]) }).message
  assert.match(told(7), /producer id 7 \(epoch 0\), the link's own, so that it came late/)
  assert.match(told(8), /producer id 7 \(epoch 0\), which is not the link's/)
})
