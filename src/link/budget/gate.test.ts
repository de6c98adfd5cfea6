import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Clock } from '../../base/clock.ts'
import { FetchGate } from './gate.ts'
import type { LinkLimit } from './limit.ts'

const MONDAY = Date.parse('2026-11-23T00:00:00Z')
const HOUR = 3_600_000
const ask = { position: 0, expects: true, bytesMax: 1_000_000 }

function gateWith(limit: LinkLimit | null) {
  const clock = { at: MONDAY, now: () => clock.at } as Clock & { at: number }
  return { clock, gate: new FetchGate(limit, clock) }
}

const flat = (bytesPerSecond: number): LinkLimit => ({ bytesPerSecond, windows: [], zone: 'UTC' })

test('without a limit everything passes', () => {
  const { gate } = gateWith(null)
  assert.deepEqual(gate.ask({}, ask), { kind: 'fetch', bytes: 1_000_000, reserved: 0 })
  assert.deepEqual(gate.status(), { bytesPerSecond: null, limited: false, limitedMs: 0 })
})

test('the rate changes with the hour, also to none and back', () => {
  const windows = [
    { days: [1], from: 8 * 60, to: 20 * 60, bytesPerSecond: 1_000 },
    { days: [1], from: 20 * 60, to: 24 * 60, bytesPerSecond: null },
  ]
  const { clock, gate } = gateWith({ bytesPerSecond: 5_000, windows, zone: 'UTC' })
  const rates = [0, 8, 19, 20, 24].map((hour) => {
    clock.at = MONDAY + hour * HOUR
    return gate.status().bytesPerSecond
  })
  assert.deepEqual(rates, [5_000, 1_000, 1_000, null, 5_000])
})

test('what was asked for and did not come is given back', () => {
  const { gate } = gateWith(flat(1_000))
  const first = gate.ask({}, ask)
  assert.ok(first.kind === 'fetch' && first.bytes === 1_000)
  assert.equal(gate.ask({}, ask).kind, 'wait', 'all of it is reserved')
  gate.answered(first.reserved, 0)
  assert.equal(gate.ask({}, ask).kind, 'fetch')
})

test('a loop that only watches reserves nothing, and pays for what comes', () => {
  const { gate } = gateWith(flat(1_000))
  const watching = gate.ask({}, { ...ask, expects: false })
  assert.ok(watching.kind === 'fetch' && watching.reserved === 0)
  assert.equal(gate.ask({}, ask).kind, 'fetch', 'the other one is not held up by it')
  gate.answered(0, 500)
  assert.deepEqual(gate.ask({}, ask), { kind: 'wait', waitMs: 750 })
})

test('of loops that wait the one with the next turn goes first', () => {
  const { clock, gate } = gateWith(flat(1_000))
  const [late, soon] = [{}, {}]
  const all = gate.ask({}, ask)
  assert.ok(all.kind === 'fetch')
  gate.answered(all.reserved, all.bytes)
  assert.equal(gate.ask(late, { ...ask, position: 5 }).kind, 'wait')
  assert.equal(gate.ask(soon, { ...ask, position: 1 }).kind, 'wait')
  clock.at += 300
  assert.equal(gate.ask(late, { ...ask, position: 5 }).kind, 'wait', 'not its turn')
  assert.equal(gate.ask(soon, { ...ask, position: 1 }).kind, 'fetch')
  gate.leave(soon)
  clock.at += 300
  assert.equal(gate.ask(late, { ...ask, position: 5 }).kind, 'fetch')
  assert.deepEqual([gate.status().limited, gate.status().limitedMs > 0], [true, true])
})

test('a worker with a third of the partitions has a third of the limit', () => {
  const { gate } = gateWith(flat(3_000))
  gate.share = 1 / 3
  assert.equal(gate.status().bytesPerSecond, 1_000)
})
