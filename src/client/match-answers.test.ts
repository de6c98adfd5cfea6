import assert from 'node:assert/strict'
import { test } from 'node:test'
import { matchAnswers, outcomeOfCode } from './match-answers.ts'
import { succeeded } from './outcome.ts'

function match(items: readonly string[], answers: readonly string[]) {
  const read = (answer: string) => succeeded(answer.toUpperCase())
  const same = (text: string): string => text
  return matchAnswers({ api: 'Thing', items, keyOf: same, answers, keyOfAnswer: same, read })
}

test('answers in any order find their items', () => {
  assert.deepEqual(match(['a', 'b'], ['b', 'a']), [succeeded('A'), succeeded('B')])
})

test('an item that was left out fails alone', () => {
  const [a, b] = match(['a', 'b'], ['a', 'stranger'])
  assert.deepEqual(a, succeeded('A'))
  assert.equal(b?.ok === false && b.error.code, 'INCOMPLETE_RESPONSE')
})

test('an error code becomes an error with the broker’s words', () => {
  assert.deepEqual(
    outcomeOfCode({ errorCode: 0 }, 'thing', () => 1),
    succeeded(1),
  )
  const refused = outcomeOfCode({ errorCode: 40, errorMessage: 'why' }, 'thing', () => assert.fail())
  assert.match((refused.ok === false && refused.error.message) || '', /^thing: INVALID_CONFIG: why$/)
})
