import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertCode } from '../../test/kit/assert-code.ts'
import { formatAddress, parseAddress } from './address.ts'

test('host and port are read and written back', () => {
  for (const text of [
    'localhost:9092',
    '10.0.0.1:1',
    'kafka-1.tokyo.example:65535',
    '[::1]:9092',
    '[fe80::1]:19092',
  ]) {
    assert.equal(formatAddress(parseAddress(text)), text)
  }
  assert.deepEqual(parseAddress(' a:9092 '), { host: 'a', port: 9092 })
  assert.deepEqual(parseAddress('[::1]:9092'), { host: '::1', port: 9092 })
})

test('what is not host:port is refused', () => {
  const wrong = [
    '',
    'localhost',
    ':9092',
    'a:',
    'a:0',
    'a:65536',
    'a:b',
    '::1:9092',
    '[abc]:9092',
    'a b:1',
    'a:9092/x',
  ]
  for (const text of [...wrong, 'PLAINTEXT://a:9092', 'a:9092,b:9092', '[::1]', 'a:-1', 'a:1e3']) {
    assertCode('ADDRESS_INVALID', () => parseAddress(text))
  }
})
