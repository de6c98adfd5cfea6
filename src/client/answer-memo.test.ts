import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AnswerMemo } from './answer-memo.ts'

const frame = (id: number, text: string) => Buffer.concat([Buffer.from([0, 0, 0, id]), Buffer.from(text)])

test('an answer with the same bytes is the same object, whatever its correlation id', () => {
  const memo = new AnswerMemo<{ readonly text: string }>()
  let decoded = 0
  const read = (bytes: Buffer) =>
    memo.read(bytes, (whole) => {
      decoded++
      return { text: whole.subarray(4).toString() }
    })
  const first = read(frame(1, 'one'))
  assert.equal(read(frame(2, 'one')), first)
  assert.deepEqual([read(frame(3, 'two')).text, read(frame(4, 'one')).text, decoded], ['two', 'one', 3])
})

test('what cannot be read is not remembered', () => {
  const memo = new AnswerMemo<string>()
  const refuse = () => {
    throw new Error('malformed')
  }
  assert.throws(() => memo.read(frame(1, 'one'), refuse), /malformed/)
  assert.equal(
    memo.read(frame(2, 'one'), () => 'read'),
    'read',
  )
})
