import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { JsonValues } from './json-values.ts'

function cut(chunks: readonly Buffer[], bytesMax = 1_000_000): unknown[] {
  const values = new JsonValues(bytesMax)
  const whole = chunks.flatMap((chunk) => values.push(chunk))
  values.end()
  return whole.map((bytes) => JSON.parse(bytes.toString()))
}

test('objects come out whole, wherever the bytes were cut', () => {
  const object = fc.dictionary(fc.string(), fc.jsonValue())
  fc.assert(
    fc.property(
      fc.array(object, { maxLength: 5 }),
      fc.constantFrom('', '\n', ' \r\n\t'),
      fc.nat(7),
      (objects, gap, size) => {
        const bytes = Buffer.from(objects.map((one) => JSON.stringify(one)).join(gap))
        const chunks = []
        for (let at = 0; at < bytes.length; at += size + 1) chunks.push(bytes.subarray(at, at + size + 1))
        assert.deepEqual(
          cut(chunks),
          objects.map((one) => JSON.parse(JSON.stringify(one))),
        )
      },
    ),
  )
})

test('what is no row of objects is refused', () => {
  for (const body of ['[{}]', '1', '{} x {}', '{"a":', '{"a":"}']) {
    assert.throws(() => cut([Buffer.from(body)]), { code: 'REQUEST_INVALID' }, body)
  }
})

test('an object that is too large is refused before it has come whole', () => {
  const values = new JsonValues(10)
  assert.throws(() => values.push(Buffer.from('{"a":"bbbbbbbbbbbbbbb')), { code: 'REQUEST_INVALID' })
})
