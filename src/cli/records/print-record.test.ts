import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ConsumedRecord } from '../../client/records/read-topic.ts'
import { printRecord } from './print-record.ts'

const record: ConsumedRecord = {
  topic: 'orders',
  partition: 2,
  offset: 17,
  timestamp: 1_767_225_600_000,
  key: Buffer.from('주문'),
  value: Buffer.from('two\nlines'),
  headers: [{ key: 'trace', value: null }],
}

test('a line shows place, time, key, value and headers, and stays one line', () => {
  assert.equal(
    printRecord(record, 'line', 'utf8'),
    '2@17  2026-01-01T00:00:00.000Z  주문  two\\nlines  trace=-\n',
  )
})

test('a value is printed as its very bytes, a tombstone as an empty line', () => {
  const binary = { ...record, value: Buffer.from([0xff, 0x00]) }
  assert.deepEqual(printRecord(binary, 'value', 'utf8'), Buffer.from([0xff, 0x00, 0x0a]))
  assert.equal(printRecord(binary, 'value', 'hex'), 'ff00\n')
  assert.equal(printRecord({ ...record, value: null }, 'value', 'utf8'), '\n')
})

test('JSON has its names always, and bytes that are no UTF-8 are marked', () => {
  const binary = { ...record, value: Buffer.from([0xff]) }
  assert.deepEqual(JSON.parse(String(printRecord(binary, 'json', 'utf8'))), {
    topic: 'orders',
    partition: 2,
    offset: 17,
    timestamp: 1_767_225_600_000,
    key: '주문',
    value: { base64: '/w==' },
    headers: [{ key: 'trace', value: null }],
  })
})
