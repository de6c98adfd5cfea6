import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Freshness } from './freshness.ts'

test('a machine that slept is not trusted, whatever its monotonic clock says', () => {
  let wall = 1_000_000
  const freshness = new Freshness(() => wall)
  assert.ok(!freshness.holds(true), 'never renewed')
  freshness.renew(freshness.mark())
  assert.ok(freshness.holds(true))
  assert.ok(!freshness.holds(false))
  wall += 60_000
  assert.ok(!freshness.holds(true), 'asleep for a minute')
  wall -= 120_000
  assert.ok(freshness.holds(true), 'a clock set back says nothing')
})
