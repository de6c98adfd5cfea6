import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  type BurrowRules,
  burrowDefaults,
  type Commit,
  type Evidence,
  judgeGroup,
  judgePartition,
} from './evaluate.ts'
import type { Verdict } from './verdict.ts'

const MINUTE = 60_000
const NOW = 1_000 * MINUTE

/** Ten commits a minute apart, the last one now. */
function commits(offsets: readonly number[], lags: readonly (number | null)[], ended = NOW): Commit[] {
  const last = offsets.length - 1
  return offsets.map((offset, at) => ({ offset, at: ended - (last - at) * MINUTE, lag: lags[at] ?? null }))
}

const steps = (from: number, by: number) => Array.from({ length: 10 }, (_, at) => from + at * by)

function verdict(evidence: Partial<Evidence>, rules: Partial<BurrowRules> = {}): Verdict {
  const whole = { commits: [], ends: [], currentLag: 5, ...evidence }
  return judgePartition(whole, NOW, { ...burrowDefaults, ...rules }).status
}

describe("Burrow's rules, in their order", () => {
  const growing = commits(steps(0, 10), steps(5, 1))

  test('a window that is not full enough says nothing', () => {
    const two = commits([7, 7], [5, 5])
    assert.equal(verdict({ commits: two }), 'STALL')
    assert.equal(verdict({ commits: two }, { minimumComplete: 0.3 }), 'OK')
    assert.equal(verdict({ commits: [] }), 'OK')
  })

  test('a lag that is allowed is no fault, whatever was before', () => {
    assert.equal(verdict({ commits: growing, currentLag: 0 }), 'OK')
    assert.equal(verdict({ commits: growing, currentLag: 100 }, { allowedLag: 100 }), 'OK')
    assert.equal(
      verdict({ commits: growing, currentLag: 101 }, { allowedLag: 100 }),
      'OK',
      'by the lags stored',
    )
  })

  test('STOP: nothing for longer than the window took, and never at the end of late', () => {
    const ended = NOW - 10 * MINUTE
    const old = commits(steps(0, 10), steps(5, 1), ended)
    assert.equal(verdict({ commits: old, ends: [95, 96] }), 'STOP')
    assert.equal(verdict({ commits: old, ends: [90, 96] }), 'WARN', 'it stood at the end a moment ago')
    const stillNine = commits(steps(0, 10), steps(5, 1), NOW - 9 * MINUTE)
    assert.equal(verdict({ commits: stillNine, ends: [95] }), 'WARN')
  })

  test('STOP holds although the lag was once nothing', () => {
    const old = commits(steps(0, 10), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0], NOW - 10 * MINUTE)
    assert.equal(verdict({ commits: old, ends: [95] }), 'STOP')
  })

  test('STOP of a single commit, as Burrow says by default', () => {
    const one = [{ offset: 3, at: NOW - 1_000, lag: 2 }]
    assert.equal(verdict({ commits: one, ends: [5] }), 'STOP')
  })

  test('REWIND until the place of before is reached again', () => {
    const lags = steps(5, 1)
    assert.equal(verdict({ commits: commits([10, 20, 30, 5, 6, 7, 8, 9, 10, 11], lags) }), 'REWIND')
    assert.equal(verdict({ commits: commits([10, 20, 30, 5, 10, 15, 20, 25, 30, 31], lags) }), 'WARN')
  })

  test('REWIND holds although the lag was once nothing', () => {
    const evidence = commits([10, 20, 30, 5, 6, 7, 8, 9, 10, 11], [0, 0, 0, 25, 24, 23, 22, 21, 20, 19])
    assert.equal(verdict({ commits: evidence }), 'REWIND')
  })

  test('OK when the lag was nothing at any commit', () => {
    assert.equal(verdict({ commits: commits(steps(0, 10), [5, 5, 0, 5, 6, 7, 8, 9, 10, 11]) }), 'OK')
  })

  test('STALL: commits without progress', () => {
    assert.equal(verdict({ commits: commits(steps(7, 0), steps(5, 1)) }), 'STALL')
  })

  test('WARN: progress, but the lag never falls', () => {
    assert.equal(verdict({ commits: growing }), 'WARN')
    assert.equal(
      verdict({ commits: commits(steps(0, 10), steps(5, 0)) }),
      'WARN',
      'standing still is not falling',
    )
    assert.equal(verdict({ commits: commits(steps(0, 10), [5, 6, 7, 6, 7, 8, 9, 10, 11, 12]) }), 'OK')
  })

  test('commits whose lag is not known are passed over', () => {
    const holes = [null, 5, null, 6, null, 7, 8, 9, 10, 11]
    assert.equal(verdict({ commits: commits(steps(0, 10), holes) }), 'WARN')
    assert.equal(verdict({ commits: commits(steps(0, 10), [null, 5, null, 4, null, 7, 8, 9, 10, 11]) }), 'OK')
  })

  test('time counts in whole seconds', () => {
    const evidence = { commits: commits([1, 2], [5, 5], NOW - MINUTE), ends: [9], currentLag: 7 }
    assert.equal(judgePartition(evidence, NOW + 999).status, 'WARN')
    assert.equal(judgePartition(evidence, NOW + 1_000).status, 'STOP')
  })
})

test('a group is as bad as its worst partition', () => {
  const of = (...states: Verdict[]) => judgeGroup(states.map((status) => ({ status, complete: 1 }))).status
  assert.equal(of('OK', 'OK'), 'OK')
  assert.equal(of('OK', 'WARN'), 'WARN')
  for (const bad of ['STOP', 'STALL', 'REWIND'] as const) assert.equal(of('WARN', bad, 'OK'), 'ERR')
  assert.deepEqual(judgeGroup([]), { status: 'OK', complete: 0 })
  const half = judgeGroup([
    { status: 'OK', complete: 1 },
    { status: 'OK', complete: 0.9 },
  ])
  assert.equal(half.complete, 0.5)
})

/** The rules once more, written down as they read in Burrow's wiki and release notes: slow, with no helper shared. */
function reference({ commits: all, ends, currentLag }: Evidence, now: number, rules: BurrowRules): Verdict {
  if (all.length === 0 || all.length / rules.intervals < rules.minimumComplete) return 'OK'
  if (currentLag <= rules.allowedLag) return 'OK'
  const first = all[0]!
  const last = all[all.length - 1]!
  const seconds = Math.floor(now / 1_000)
  if (seconds * 1_000 - last.at > last.at - first.at) {
    let wasCaughtUp = false
    for (const end of ends) if (end <= last.offset) wasCaughtUp = true
    if (!wasCaughtUp) return 'STOP'
  }
  for (let at = 1; at < all.length; at++) {
    if (all[at]!.offset >= all[at - 1]!.offset) continue
    const later = all.slice(at).map(({ offset }) => offset)
    if (Math.max(...later) < all[at - 1]!.offset) return 'REWIND'
    break
  }
  const lags = all.map(({ lag }) => lag).filter((lag) => lag !== null)
  if (lags.some((lag) => lag <= rules.allowedLag)) return 'OK'
  if (new Set(all.map(({ offset }) => offset)).size === 1) return 'STALL'
  const sorted = [...lags].sort((a, b) => a - b)
  return lags.every((lag, at) => lag === sorted[at]) ? 'WARN' : 'OK'
}

test('any history is judged as by the rules written down plainly', () => {
  const small = fc.integer({ min: 0, max: 6 })
  const anyCommit = fc.record({ offset: small, gap: fc.integer({ min: 0, max: 3 }), lag: fc.option(small) })
  const seen = new Set<Verdict>()
  fc.assert(
    fc.property(
      fc.array(anyCommit, { maxLength: 10 }),
      fc.array(small, { maxLength: 10 }),
      small,
      fc.integer({ min: 0, max: 12_000 }),
      fc.record({
        allowedLag: fc.integer({ min: 0, max: 2 }),
        minimumComplete: fc.constantFrom(0, 0, 0.3, 1),
      }),
      (list, ends, currentLag, since, some) => {
        let at = NOW
        const evidence = {
          commits: list.map(({ offset, gap, lag }) => {
            at += gap * 1_000
            return { offset, at, lag }
          }),
          ends,
          currentLag,
        }
        const rules = { ...burrowDefaults, ...some }
        const { status } = judgePartition(evidence, at + since, rules)
        seen.add(status)
        assert.equal(status, reference(evidence, at + since, rules))
      },
    ),
    { numRuns: 5_000, seed: 6 },
  )
  assert.deepEqual([...seen].sort(), ['OK', 'REWIND', 'STALL', 'STOP', 'WARN'])
})
