import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { didYouMean, editDistance, nearest } from './suggest.ts'

test('a swap of neighbours is one slip, as a changed, lost or added letter is', () => {
  assert.equal(editDistance('seoul', 'seoul'), 0)
  assert.equal(editDistance('seuol', 'seoul'), 1)
  assert.equal(editDistance('seul', 'seoul'), 1)
  assert.equal(editDistance('Seoul', 'seoul'), 0)
  assert.equal(editDistance('kitten', 'sitting'), 3)
})

test('only what is near is suggested, and the nearest of it', () => {
  assert.equal(didYouMean('seul', ['virginia', 'seoul']), ', did you mean seoul?')
  assert.equal(didYouMean('brokrs', ['broker', 'brokers']), ', did you mean brokers?')
  assert.equal(nearest('tokyo', ['seoul', 'virginia']), null)
  assert.equal(nearest('to', ['from', 'ca']), null)
})

test('the distance is symmetric and zero for equal words only', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
      assert.equal(editDistance(a, b), editDistance(b, a))
      assert.equal(editDistance(a, b) === 0, a.toLowerCase() === b.toLowerCase())
    }),
  )
})
