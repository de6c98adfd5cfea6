import assert from 'node:assert/strict'
import { test } from 'node:test'
import { bytesOf, hexLines, oneLine, visible } from './text.ts'

test('characters that hide or turn text are made visible', () => {
  assert.equal(visible('a\0b\u202ec\x7f'), 'a␀b⟨202e⟩c⟨7f⟩')
  assert.equal(visible('a\n\tb'), 'a\n\tb')
})

test('a field is one line in a list, and null is not empty', () => {
  const text = { type: 'text', text: 'one\n  two', sizeBytes: 9, isCut: false } as const
  assert.equal(oneLine(text), 'one two')
  assert.equal(oneLine({ type: 'null' }), 'null')
  assert.equal(oneLine({ type: 'binary', base64: 'AAEC', sizeBytes: 3, isCut: false }), '3 bytes')
})

test('bytes are told as xxd tells them', () => {
  assert.deepEqual(hexLines(bytesOf('AAECQUL/'), 100), [
    `00000000  00 01 02 41 42 ff${' '.repeat(30)}  ...AB.`,
  ])
  assert.equal(hexLines(new Uint8Array(64), 32).length, 2)
})
