import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseStart } from './start.ts'

const NOW_MS = Date.UTC(2026, 0, 31, 12)

test('every way to say where reading begins', () => {
  const said = (text: string) => parseStart(text, NOW_MS)
  assert.deepEqual(said('beginning'), { at: 'beginning' })
  assert.deepEqual(said('end'), { at: 'end' })
  assert.deepEqual(said('0'), { at: 'offset', offset: 0 })
  assert.deepEqual(said('1767225600000'), { at: 'offset', offset: 1_767_225_600_000 })
  assert.deepEqual(said('-5'), { at: 'last', count: 5 })
  assert.deepEqual(said('@1767225600000'), { at: 'time', timestampMs: 1_767_225_600_000 })
  assert.deepEqual(said('15m'), { at: 'time', timestampMs: NOW_MS - 900_000 })
  assert.deepEqual(said('2026-01-31T08:00:00+09:00'), { at: 'time', timestampMs: Date.UTC(2026, 0, 30, 23) })
})

for (const wrong of ['start', '-', '@soon', '5.5', '99999999999999999999', '']) {
  test(`"${wrong}" is wrong use`, () => {
    assert.throws(() => parseStart(wrong, NOW_MS), { code: 'USAGE', message: /--from/ })
  })
}
