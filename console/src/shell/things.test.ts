import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matching, type Thing } from './things.ts'

const things: Thing[] = ['orders', 'payments', 'reorders', 'old-payments', 'seoul'].map((name) => ({
  ...{ kind: 'topic', name, where: '', to: `/${name}` },
}))

const names = (text: string): string[] => matching(things, text, 10).map(({ name }) => name)

test('what begins with the text stands before what only holds it', () => {
  assert.deepEqual(names('orders'), ['orders', 'reorders'])
})

test('letters in order are enough, and those close together stand first', () => {
  assert.deepEqual(names('pymt'), ['payments', 'old-payments'])
  assert.deepEqual(names('tmyp'), [])
})

test('no text finds all, as many as there is room for', () => {
  assert.equal(names('').length, 5)
  assert.equal(matching(things, '', 2).length, 2)
})
