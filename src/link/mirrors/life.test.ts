import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MirrorState } from '../status.ts'
import { isCopied, isReleased, stepOf, type Verb } from './life.ts'

const states: readonly MirrorState[] = [
  'seeding',
  'active',
  'paused',
  'faulted',
  'promoting',
  'promoted',
  'failed-over',
]
const verbs: readonly Verb[] = ['pause', 'resume', 'promote', 'failover']

/** c: changes to …, a: already, r: refused; one line a state, one column a verb in the order above. */
const expected = `
  seeding      r          a         r            r
  active       c:paused   a         c:promoting  c:failed-over
  paused       a          c:active  r            c:failed-over
  faulted      c:paused   r         r            c:failed-over
  promoting    r          c:active  a            c:failed-over
  promoted     r          r         a            a
  failed-over  r          r         r            a`

test('each verb in each state', () => {
  const lines = states.map((state) => {
    const cells = verbs.map((verb) => {
      const step = stepOf(state, verb)
      return step.kind === 'change' ? `c:${step.to}` : step.kind[0]!
    })
    return [state, ...cells].join(' ')
  })
  const wanted = expected
    .trim()
    .split('\n')
    .map((line) => line.trim().replace(/ +/g, ' '))
  assert.deepEqual(lines, wanted)
})

test('no verb leads out of a state in which the topic is its own', () => {
  for (const state of states.filter(isReleased)) {
    for (const verb of verbs) assert.notEqual(stepOf(state, verb).kind, 'change', `${verb} in ${state}`)
  }
})

test('every refusal says why', () => {
  for (const state of states) {
    for (const verb of verbs) {
      const step = stepOf(state, verb)
      if (step.kind !== 'change') assert.match(step.why, /^(is|was) .{8,}/)
    }
  }
})

test('what is released is not copied', () => {
  for (const state of states) assert.ok(!(isReleased(state) && isCopied(state)), state)
})
