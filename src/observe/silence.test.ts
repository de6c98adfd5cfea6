import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Silence } from './silence.ts'

test('one use that takes too long shuts nobody out', () => {
  const silence = new Silence()
  silence.timedOut(10_000)
  assert.equal(silence.refuses(10_001), false)
  silence.answered()
  silence.timedOut(20_000)
  assert.equal(silence.refuses(20_001), false)
})

test('a cluster that answers nobody is asked by one every two seconds, until it answers', () => {
  const silence = new Silence()
  silence.timedOut(10_000)
  silence.timedOut(10_000)
  assert.equal(silence.refuses(11_999), true)
  assert.equal(silence.refuses(12_000), false, 'one sees')
  assert.equal(silence.refuses(12_001), true, 'the others do not wait for it')
  assert.equal(silence.refuses(14_000), false)
  silence.answered()
  assert.equal(silence.refuses(14_001), false)
})
