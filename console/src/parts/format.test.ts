import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ago, bytes, duration, lagText, shortCount } from './format.ts'

test('a duration has two units at most, and the small ones only while they matter', () => {
  const said = [0, 0.44, 9.96, 12, 59.6, 190, 3_600, 18_120, 90_000].map(duration)
  assert.deepEqual(said, [
    '0.0 s',
    '0.4 s',
    '10.0 s',
    '12 s',
    '1 min',
    '3 min 10 s',
    '1 h',
    '5 h 2 min',
    '1 d 1 h',
  ])
})

test('bytes are told in binary units', () => {
  assert.deepEqual([0, 1_023, 1_536, 150 * 1_024, 3 * 1_024 ** 3].map(bytes), [
    ...['0 B', '1,023 B', '1.5 KiB', '150 KiB', '3.0 GiB'],
  ])
})

test('large counts are shortened, small ones are exact', () => {
  assert.deepEqual([9_999, 10_000, 1_234_567].map(shortCount), ['9,999', '10K', '1.2M'])
})

test('what is not known is left out of a lag, and all unknown is no text', () => {
  const lag = { records: 1, bytes: null, seconds: null, at: 0 }
  assert.equal(lagText(lag), '1 record')
  assert.equal(lagText({ ...lag, seconds: 2 }), '1 record · 2.0 s')
  assert.equal(lagText({ ...lag, records: null }), null)
})

test('a clock of the server that runs ahead makes nothing younger than now', () => {
  assert.equal(ago(2_000, 1_000), '0.0 s ago')
})
