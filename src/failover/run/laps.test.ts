import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { VirtualClock } from '../../link/copy/testing/virtual-clock.ts'
import { type Behind, comeNear, type LapOptions, NEAR_MS } from './laps.ts'

/** A source and a link that work at steady rates, in offsets a second; the link may stop when it has copied so much. */
type Rates = { readonly written: number; readonly copied: number; readonly stopsAt?: number }

function run(behind: number, { written, copied, stopsAt = Infinity }: Rates, limitMs = 600_000) {
  const clock = new VirtualClock()
  const beganAt = clock.now()
  const told: number[] = []
  const stop = new AbortController()
  const passed = () => (clock.now() - beganAt) / 1_000
  const startLap = async () => {
    const end = behind + passed() * written
    return async (): Promise<Behind> => {
      const offsets = Math.max(0, Math.ceil(end - Math.min(passed() * copied, stopsAt)))
      return { offsets, worst: offsets === 0 ? null : 'orders-0' }
    }
  }
  const onBehind = async ({ offsets }: Behind) => void told.push(offsets)
  const options: LapOptions = { clock, signal: stop.signal, limitMs, onBehind }
  return { came: comeNear(startLap, options), clock, told, stop, passed }
}

describe('a link comes near', () => {
  test('at once, where nothing is missing', async () => {
    const { came, told } = run(0, { written: 0, copied: 0 })
    assert.deepEqual(await came, { end: 'near', tookMs: 0 })
    assert.deepEqual(told, [])
  })

  test('in ever shorter laps, where it is faster than the writers', async () => {
    const { came, clock, told, passed } = run(60_000, { written: 500, copied: 1_000 })
    await clock.pass(300_000)
    const near = await came
    assert.ok(near.end === 'near' && near.tookMs <= NEAR_MS, JSON.stringify(near))
    // 60 s for the first lap, then 30, then 15: what is left is worth two seconds, and not the minute of before.
    assert.ok(told[0] === 60_000 && passed() >= 115)
  })

  test('never, where writers are as fast: it is given up in time, and says what is missing', async () => {
    const { came, clock } = run(10_000, { written: 1_000, copied: 1_000 }, 30_000)
    await clock.pass(40_000)
    const far = await came
    assert.ok(far.end === 'too late' && far.afterMs >= 30_000 && far.afterMs < 31_000, JSON.stringify(far))
    assert.equal(far.behind.worst, 'orders-0')
  })

  test('never, where it stands still: that is not waited for to the end', async () => {
    const { came, clock } = run(10_000, { written: 0, copied: 1_000, stopsAt: 4_000 })
    await clock.pass(100_000)
    const far = await came
    assert.ok(far.end === 'stalled' && far.afterMs < 70_000, JSON.stringify(far))
    assert.equal(far.behind.offsets, 6_000)
  })

  test('unless the command is ended', async () => {
    const { came, clock, stop } = run(10_000, { written: 0, copied: 0 })
    const refused = assert.rejects(came, { name: 'AbortError' })
    stop.abort()
    await clock.pass(100)
    await refused
  })
})
