import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nameMatcher } from './names.ts'

test('globs take names, an exclusion wins whatever its place', () => {
  const matches = nameMatcher(['!orders.tmp*', 'orders*', 'pay?ents'])
  assert.deepEqual(
    ['orders', 'orders.v1', 'orders.tmp', 'orders.tmp.1', 'payments', 'payents', 'stock'].filter(matches),
    ['orders', 'orders.v1', 'payments'],
  )
})

test('internal names need to be named in full', () => {
  assert.equal(nameMatcher(['*'])('__consumer_offsets'), false)
  assert.equal(nameMatcher(['*', '__mine'])('__mine'), true)
  assert.equal(nameMatcher(['__mine*'])('__mine1'), false)
})

test('a dot in a pattern is a dot', () => {
  assert.equal(nameMatcher(['a.b*'])('axb'), false)
})
