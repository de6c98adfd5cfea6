import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  formatBytes,
  formatDuration,
  formatInstant,
  formatRate,
  parseCount,
  parseDuration,
  parseInstant,
} from './units.ts'

test('bytes', () => {
  assert.deepEqual([0, 1023, 1536, 10 * 1024 ** 2, 3.4 * 1024 ** 3].map(formatBytes), [
    '0 B',
    '1023 B',
    '1.5 KiB',
    '10 MiB',
    '3.4 GiB',
  ])
})

test('durations', () => {
  assert.deepEqual([0, 320, 4200, 59_600, 185_000, 7_800_000, 273_600_000].map(formatDuration), [
    '0 ms',
    '320 ms',
    '4.2 s',
    '60 s',
    '3 min 5 s',
    '2 h 10 min',
    '3 d 4 h',
  ])
})

test('rates and instants', () => {
  assert.deepEqual([0, 0.44, 12_345.6].map(formatRate), ['0/s', '0.4/s', '12,346/s'])
  assert.equal(formatInstant(0), '1970-01-01T00:00:00.000Z')
  assert.equal(formatInstant(-1), '-')
  assert.equal(formatInstant(9e15), '-')
})

test('what is written is read back', () => {
  assert.deepEqual(
    ['500ms', '30s', '5m', '2h', '7d', '1.5h'].map((text) => parseDuration(text, '--limit')),
    [500, 30_000, 300_000, 7_200_000, 604_800_000, 5_400_000],
  )
  assert.equal(parseInstant('2026-01-31T08:00:00', '--from', 0), Date.UTC(2026, 0, 31, 8))
  assert.equal(parseInstant('2026-01-31T08:00:00+09:00', '--from', 0), Date.UTC(2026, 0, 30, 23))
  assert.equal(parseInstant('2026-01-31', '--from', 0), Date.UTC(2026, 0, 31))
  assert.equal(parseInstant('2026-01-31 08:00', '--from', 0), Date.UTC(2026, 0, 31, 8))
  assert.throws(() => parseInstant('5.5', '--from', 0), { code: 'USAGE' })
  assert.throws(() => parseInstant('2026-13-01', '--from', 0), { code: 'USAGE' })
  assert.equal(parseInstant('1767225600000', '--from', 0), 1767225600000)
  assert.equal(parseInstant('15m', '--from', 1_000_000), 100_000)
  assert.equal(parseCount('12', '-n', { min: 1 }), 12)
})

for (const wrong of ['', 'soon', '5', '-5s', '5 parsecs']) {
  test(`"${wrong}" is no duration, and the option is named`, () => {
    assert.throws(() => parseDuration(wrong, '--limit'), { code: 'USAGE', message: /--limit/ })
  })
}

test('numbers out of bounds are wrong use', () => {
  assert.throws(() => parseCount('0', '-n', { min: 1 }), { code: 'USAGE', message: /1 or more/ })
  assert.throws(() => parseCount('9', '--acks', { min: -1, max: 1 }), {
    code: 'USAGE',
    message: /from -1 to 1/,
  })
  assert.throws(() => parseCount('1e3', '-n', { min: 1 }), { code: 'USAGE' })
})
