import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { LifecycleEvent, LifecyclePolicy, LifecycleState } from './lifecycle.ts'
import { lifecycleStep } from './lifecycle.ts'

const policy: LifecyclePolicy = {
  startDeadlineMs: 1000,
  stopDeadlineMs: 2000,
  backoffMinMs: 100,
  backoffMaxMs: 400,
  crashesMax: 3,
  crashWindowMs: 10_000,
}

const stopped: LifecycleState = { name: 'stopped' }
const exited = (atMs: number): LifecycleEvent => ({ type: 'exited', reason: 'it fell', atMs })

/** Runs events through the machine and collects what it asked for. */
function run(events: readonly LifecycleEvent[], from = stopped) {
  let state = from
  const effects = events.flatMap((event) => {
    const step = lifecycleStep(state, event, policy)
    state = step.state
    return step.effects
  })
  return { state, effects }
}

const up: readonly LifecycleEvent[] = [{ type: 'start' }, { type: 'answered' }]

describe('lifecycle', () => {
  test('a start spawns, and an answer clears the deadline', () => {
    const { state, effects } = run(up)
    assert.equal(state.name, 'running')
    assert.deepEqual(effects, [
      { type: 'spawn' },
      { type: 'timer', afterMs: 1000 },
      { type: 'timer', afterMs: null },
    ])
  })

  test('a process that ends before its first answer is not started again', () => {
    assert.deepEqual(run([{ type: 'start' }, exited(1)]).state, { name: 'failed', reason: 'it fell' })
  })

  test('a process that never answers is killed at its deadline and has failed', () => {
    const { state, effects } = run([{ type: 'start' }, { type: 'timer' }, exited(1000)])
    assert.deepEqual(effects.at(-2), { type: 'signal', signal: 'SIGKILL' })
    assert.deepEqual(state, { name: 'failed', reason: 'gave no answer within 1 s and was killed' })
  })

  test('waits longer after each crash, up to the maximum', () => {
    const again: LifecycleEvent[] = [{ type: 'timer' }, { type: 'answered' }]
    const { effects } = run([...up, exited(1), ...again, exited(2), ...again, exited(3)])
    const waits = effects.flatMap((effect) =>
      effect.type === 'timer' && effect.afterMs !== null && effect.afterMs !== 1000 ? [effect.afterMs] : [],
    )
    assert.deepEqual(waits, [100, 200, 400])
  })

  test('more crashes than allowed within the window are a crash loop', () => {
    const again: LifecycleEvent[] = [{ type: 'timer' }]
    const { state } = run([...up, exited(1), ...again, exited(2), ...again, exited(3), ...again, exited(4)])
    assert.deepEqual(state, { name: 'failed', reason: 'ended 4 times within 10 s, the last time: it fell' })
  })

  test('crashes that are older than the window are forgotten', () => {
    const crash = (atMs: number): LifecycleEvent[] => [exited(atMs), { type: 'timer' }, { type: 'answered' }]
    const crashes = Array.from({ length: 50 }, (_, at) => crash(at * policy.crashWindowMs)).flat()
    assert.equal(run([...up, ...crashes]).state.name, 'running')
  })

  test('a stop sends TERM, then KILL at its deadline', () => {
    const { state, effects } = run([...up, { type: 'stop' }, { type: 'timer' }, exited(5)])
    const signals = effects.flatMap((effect) => (effect.type === 'signal' ? [effect.signal] : []))
    assert.deepEqual([state.name, signals], ['stopped', ['SIGTERM', 'SIGKILL']])
  })

  test('a stop while waiting for a restart cancels it', () => {
    const { state, effects } = run([...up, exited(1), { type: 'stop' }, { type: 'timer' }])
    assert.equal(state.name, 'stopped')
    assert.equal(effects.filter(({ type }) => type === 'spawn').length, 1)
  })
})

describe('lifecycle under any events', () => {
  const event: fc.Arbitrary<LifecycleEvent> = fc.oneof(
    fc.constantFrom<LifecycleEvent>(
      { type: 'start' },
      { type: 'answered' },
      { type: 'timer' },
      { type: 'stop' },
    ),
    fc.nat(100_000).map(exited),
  )

  test('never has two processes, and never spawns after a stop without a start', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 200 }), (events) => {
        let state: LifecycleState = stopped
        let alive = 0
        let wanted = false
        for (const one of events) {
          // Only a living process can end or answer.
          if ((one.type === 'exited' || one.type === 'answered') && alive === 0) continue
          if (one.type === 'start' && (state.name === 'stopped' || state.name === 'failed')) wanted = true
          if (one.type === 'stop') wanted = false
          if (one.type === 'exited') alive--
          const step = lifecycleStep(state, one, policy)
          state = step.state
          const spawns = step.effects.filter(({ type }) => type === 'spawn').length
          assert.ok(spawns === 0 || wanted)
          alive += spawns
          assert.ok(alive <= 1)
          assert.equal(alive === 1, ['starting', 'running', 'stopping'].includes(state.name))
        }
      }),
    )
  })
})
