import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { ALERTS_MAX, AlertBook } from './book.ts'
import type { Fact } from './fact.ts'
import { type AlertRule, shippedRules } from './rules.ts'
import { isSilenced } from './silence.ts'

const SECOND = 1_000
const MINUTE = 60 * SECOND
const NOW = 1_000 * MINUTE

const rule: AlertRule = {
  ...{ name: 'late', title: 'It is late', remedy: 'Hurry up', severity: 'warning' as const },
  ...{
    kind: 'group-lag-seconds' as const,
    above: 10,
    holdMs: MINUTE,
    clearMs: 20 * SECOND,
    repeatMs: 60 * MINUTE,
  },
}
const subject = { cluster: 'fra', group: 'readers' }

let book: AlertBook
beforeEach(() => {
  book = new AlertBook([rule])
})

/** What is told after a look at `at` that saw `value`. */
function look(value: number | null, at: number, of = subject): string[] {
  const fact: Fact = { kind: 'group-lag-seconds', subject: of, value, at }
  return book.take([fact], at).map(({ what }) => what)
}

describe('an alert', () => {
  test('is told once it has held for long enough, and when it is over', () => {
    assert.deepEqual(look(11, NOW), [])
    assert.equal(book.alerts(NOW)[0]?.state, 'pending')
    assert.deepEqual(look(12, NOW + 59 * SECOND), [])
    assert.deepEqual(look(13, NOW + 60 * SECOND), ['firing'])
    const [alert] = book.alerts(NOW + MINUTE)
    assert.deepEqual([alert?.state, alert?.since, alert?.value], ['firing', NOW, 13])
    assert.deepEqual(look(14, NOW + 70 * SECOND), [])
    assert.deepEqual(look(10, NOW + 80 * SECOND), [], 'not over at once')
    assert.deepEqual(look(9, NOW + 100 * SECOND), ['recovered'])
    assert.deepEqual(book.alerts(NOW), [])
  })

  test('that was not told ends in silence, and begins anew', () => {
    look(11, NOW)
    assert.deepEqual(look(5, NOW + 30 * SECOND), [])
    assert.deepEqual(look(11, NOW + 40 * SECOND), [])
    assert.deepEqual(look(11, NOW + 61 * SECOND), [])
    assert.deepEqual(look(11, NOW + 100 * SECOND), ['firing'])
  })

  test('that comes and goes is told once', () => {
    look(11, NOW)
    assert.deepEqual(look(11, NOW + MINUTE), ['firing'])
    for (let at = 70; at < 300; at += 10)
      assert.deepEqual(look(at % 20 === 0 ? 5 : 11, NOW + at * SECOND), [])
  })

  test('is told again after a while', () => {
    look(11, NOW)
    look(11, NOW + MINUTE)
    assert.deepEqual(look(11, NOW + 60 * MINUTE), [])
    assert.deepEqual(look(11, NOW + 61 * MINUTE), ['again'])
  })

  test('neither begins nor ends by what is not known', () => {
    assert.deepEqual(look(null, NOW), [])
    look(11, NOW)
    assert.deepEqual(look(null, NOW + 2 * MINUTE), [], 'nobody saw it hold for a minute')
    assert.deepEqual(look(11, NOW + 3 * MINUTE), ['firing'])
    assert.deepEqual(look(null, NOW + 30 * MINUTE), [])
    assert.equal(book.alerts(NOW).length, 1)
  })

  test('about what is not there any more is gone', () => {
    look(11, NOW)
    look(11, NOW + MINUTE)
    assert.deepEqual(book.take([], NOW + 10 * MINUTE), [])
    assert.deepEqual(
      book.take([], NOW + 11 * MINUTE).map(({ what }) => what),
      ['gone'],
    )
  })

  test('is one for each subject, whatever the order of its names', () => {
    look(11, NOW)
    look(11, NOW, { group: 'readers', cluster: 'fra' })
    look(11, NOW, { cluster: 'iad', group: 'readers' })
    assert.equal(book.alerts(NOW).length, 2)
  })

  test('is remembered over a restart, and not told twice', () => {
    look(11, NOW)
    look(11, NOW + MINUTE)
    book = new AlertBook([rule], JSON.parse(JSON.stringify(book.memory)))
    assert.deepEqual(look(11, NOW + 2 * MINUTE), [])
    assert.deepEqual([look(1, NOW + 3 * MINUTE), look(1, NOW + 4 * MINUTE)], [[], ['recovered']])
    assert.deepEqual(
      new AlertBook([], book.memory).alerts(NOW),
      [],
      'a rule that is gone takes its alerts along',
    )
  })

  test('is not taken in beyond the bound', () => {
    const facts = Array.from({ length: ALERTS_MAX + 5 }, (_, at) => ({ ...subject, group: String(at) }))
    book.take(
      facts.map((of) => ({ kind: 'group-lag-seconds', subject: of, value: 99, at: NOW })),
      NOW,
    )
    assert.equal(book.alerts(NOW).length, ALERTS_MAX)
  })
})

describe('a silence', () => {
  const silence = { id: 's', subject: { cluster: 'fra' }, until: NOW + 10 * MINUTE, by: 'ann', why: 'works' }

  test('keeps an alert from being told until it ends', () => {
    book.silence(silence)
    look(11, NOW)
    assert.deepEqual(look(11, NOW + MINUTE), [])
    assert.deepEqual(book.alerts(NOW + MINUTE)[0]?.isSilenced, true)
    assert.deepEqual(look(11, NOW + 10 * MINUTE), ['firing'])
    assert.deepEqual(book.silences, [])
  })

  test('can be ended by hand; what ends meanwhile is never told', () => {
    book.silence(silence)
    look(11, NOW)
    look(11, NOW + MINUTE)
    assert.deepEqual([look(1, NOW + 2 * MINUTE), look(1, NOW + 3 * MINUTE)], [[], []])
    assert.equal(book.unsilence('s'), true)
    assert.equal(book.unsilence('s'), false)
  })

  test('matches by rule, names and patterns', () => {
    const alert = { rule: 'late', subject: { cluster: 'fra', group: 'pay-eu-1' } }
    const silenced = (names: Record<string, string>, more: { rule?: string; until?: number } = {}) =>
      isSilenced(alert, [{ ...silence, subject: names, ...more }], NOW)
    assert.equal(silenced({}), true)
    assert.equal(silenced({ cluster: 'iad' }), false)
    assert.equal(silenced({ group: 'pay-*' }), true)
    assert.equal(silenced({ group: '*-eu-*' }), true)
    assert.equal(silenced({ group: 'pay-*-2' }), false)
    assert.equal(silenced({ group: 'pay-eu-1*1' }), false, 'no letter counts twice')
    assert.equal(silenced({ topic: '*' }), false, 'it has no topic')
    assert.equal(silenced({}, { rule: 'early' }), false)
    assert.equal(silenced({}, { until: NOW }), false)
  })
})

test('the rules that come with kmc have names of their own', () => {
  const names = shippedRules.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
})
