import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { ConsumedRecord } from '../../client/records/read-topic.ts'
import { printRecord } from './print-record.ts'
import { parseHeader, type ReadOptions, readRecord } from './read-record.ts'

const options: ReadOptions = {
  format: 'text',
  encoding: 'utf8',
  keySeparator: null,
  key: null,
  headers: [],
  emptyIsNull: false,
}
const json: ReadOptions = { ...options, format: 'json' }

const line = (text: string) => ({ bytes: Buffer.from(text), number: 3 })
const read = (text: string, changes: Partial<ReadOptions> = {}) =>
  readRecord(line(text), { ...options, ...changes })

test('a line is a value; with a separator what stands before it is the key', () => {
  assert.equal(String(read('a:b').value), 'a:b')
  assert.equal(read('a:b').key, null)
  const { key, value } = read('order::7::x', { keySeparator: '::' })
  assert.deepEqual([String(key), String(value)], ['order', '7::x'])
  assert.throws(() => read('no key', { keySeparator: ':' }), { code: 'INPUT_UNREADABLE', message: /Line 3/ })
})

test('one key and headers for every record; an empty value is a tombstone only when asked', () => {
  const all = { key: Buffer.from('k'), headers: [parseHeader('a=b=c')] }
  assert.deepEqual(String(read('x', all).key), 'k')
  assert.deepEqual(read('x', all).headers, [{ key: Buffer.from('a'), value: Buffer.from('b=c') }])
  assert.deepEqual(read('').value, Buffer.alloc(0))
  assert.equal(read('', { emptyIsNull: true }).value, null)
  assert.throws(() => parseHeader('=x'), { code: 'USAGE' })
})

test('hex and base64 are read strictly', () => {
  assert.deepEqual(read('00ff', { encoding: 'hex' }).value, Buffer.from([0, 255]))
  assert.deepEqual(read('AP8=', { encoding: 'base64' }).value, Buffer.from([0, 255]))
  for (const [encoding, text] of [
    ['hex', '0'],
    ['hex', 'zz'],
    ['base64', 'a b'],
  ] as const) {
    assert.throws(() => read(text, { encoding }), {
      code: 'INPUT_UNREADABLE',
      message: /The value in line 3/,
    })
  }
})

test('JSON lines: strings, null, numbers and objects as JSON text, headers as list or object', () => {
  const record = read('{"key":"k","value":{"a":1},"headers":{"h":"v"},"partition":2,"timestamp":5}', json)
  assert.deepEqual(
    { ...record, key: String(record.key), value: String(record.value) },
    {
      key: 'k',
      value: '{"a":1}',
      headers: [{ key: Buffer.from('h'), value: Buffer.from('v') }],
      partition: 2,
      timestamp: 5,
    },
  )
  assert.equal(read('{"value":null}', json).value, null)
  assert.equal(String(read('{"value":7}', json).value), '7')
})

test('JSON lines that are wrong are named by line and field', () => {
  for (const [text, message] of [
    ['{"value":', /line 3 is not JSON/],
    ['[1]', /line 3 is not a JSON object/],
    ['{"vaule":"x"}', /Unknown name "vaule" in line 3/],
    ['{"value":"x","partition":-1}', /"partition" in line 3/],
    ['{"value":"x","headers":5}', /"headers" in line 3/],
    ['{"value":{"base64":"*"}}', /The value in line 3 is not base64/],
  ] as const) {
    assert.throws(() => read(text, json), { code: 'INPUT_UNREADABLE', message })
  }
})

test('what consume prints as JSON, produce reads back byte by byte, in every encoding', () => {
  const bytes = fc.option(
    fc.uint8Array({ maxLength: 30 }).map((array) => Buffer.from(array)),
    { nil: null },
  )
  const header = fc.record({ key: fc.string({ unit: 'grapheme', minLength: 1 }), value: bytes })
  fc.assert(
    fc.property(
      bytes,
      bytes,
      fc.array(header, { maxLength: 3 }),
      fc.constantFrom('utf8' as const, 'hex' as const, 'base64' as const),
      (key, value, headers, encoding) => {
        const record: ConsumedRecord = {
          topic: 't',
          partition: 1,
          offset: 9,
          timestamp: 7,
          key,
          value,
          headers,
        }
        const printed = printRecord(record, 'json', encoding)
        const back = readRecord(line(String(printed).trimEnd()), { ...json, encoding })
        assert.deepEqual(back, {
          key,
          value,
          headers: headers.map((one) => ({ key: Buffer.from(one.key), value: one.value })),
          partition: 1,
          timestamp: 7,
        })
      },
    ),
  )
})
