import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { pad, printable, textWidth, truncate } from './text-width.ts'

test('a Korean syllable, a Chinese character and an emoji take two columns each', () => {
  assert.equal(textWidth('주문'), 4)
  assert.equal(textWidth('注文'), 4)
  assert.equal(textWidth('✅'), 2)
  assert.equal(textWidth('ｶ'), 1)
  assert.equal(textWidth('é'), 1)
  assert.equal(textWidth('e\u0301'), 1)
})

test('colours take no room', () => {
  assert.equal(textWidth('\u001b[31mred\u001b[39m'), 3)
})

test('a syllable written as separate letters takes the room of one', () => {
  assert.equal(textWidth('한'.normalize('NFD')), textWidth('한'))
})

test('cut text never takes more room than given, and keeps its colours', () => {
  assert.equal(truncate('주문서비스', 5), '주문…')
  assert.equal(truncate('주문서비스', 10), '주문서비스')
  assert.equal(truncate('\u001b[31mlong text\u001b[39m', 5), '\u001b[31mlong…\u001b[39m')
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 20 }), (text, columns) => {
      assert.ok(textWidth(truncate(text, columns)) <= Math.max(columns, 1))
    }),
  )
})

test('padded text takes exactly the room asked for', () => {
  assert.equal(pad('주문', 6, 'left'), '주문  ')
  assert.equal(pad('7', 3, 'right'), '  7')
})

test('text from elsewhere cannot move the cursor, forge lines or reverse the reading order', () => {
  assert.equal(printable('a\nb\u001b[2Jc\u202ed'), 'a\\nb\\u001b[2Jc\\u202ed')
  assert.equal(printable('주문 orders'), '주문 orders')
})
