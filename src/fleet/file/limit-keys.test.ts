import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import { parseFleet } from './load.ts'
import type { Problem } from './problem.ts'

const withLink = (keys: string): string =>
  `clusters:\n  a:\n  b:\nlinks:\n  dr:\n    from: a\n    to: b\n    topics: ["*", "!tmp.*"]\n${keys}\n`

const linkWith = (keys: string) => parseFleet(withLink(keys)).fleet.links.dr!

/** `PATH: MESSAGE` of everything that is wrong. */
function problemsWith(keys: string): string[] {
  try {
    parseFleet(withLink(keys))
  } catch (error) {
    assert.ok(error instanceof KmcError, String(error))
    return (error.context.problems as readonly Problem[]).map(({ path, message }) => `${path}: ${message}`)
  }
  assert.fail('the file was taken')
}

test('a rate is a number with its unit', () => {
  const rates: [string, number | null][] = [
    ['20 MiB/s', 20 * 1024 * 1024],
    ['1.5MB/s', 1_500_000],
    ['100 Mbit/s', 12_500_000],
    ['64 KiB/s', 65_536],
    ['unlimited', null],
  ]
  for (const [text, bytes] of rates) assert.equal(linkWith(`    limit: ${text}`).limit?.bytesPerSecond, bytes)
  assert.equal(linkWith('').limit, undefined)
})

test('hours, days and a zone', () => {
  const limit = linkWith(
    '    limit: { default: 50 MiB/s, hours: [{ from: "08:00", to: "20:00", days: mon-fri, rate: 10 MiB/s }, { days: "sat,sun", rate: unlimited }], zone: Asia/Seoul }',
  ).limit
  assert.deepEqual(limit, {
    bytesPerSecond: 50 * 1024 * 1024,
    windows: [
      { days: [1, 2, 3, 4, 5], from: 480, to: 1_200, bytesPerSecond: 10 * 1024 * 1024 },
      { days: [6, 7], from: 0, to: 1_440, bytesPerSecond: null },
    ],
    zone: 'Asia/Seoul',
  })
  const [overWeekend] = linkWith('    limit: { hours: [{ days: fri-mon, rate: 1 MiB/s }] }').limit!.windows
  assert.deepEqual(overWeekend!.days, [1, 5, 6, 7])
})

test('what makes no sense is refused in words', () => {
  const rateRule = 'write a rate with its unit, such as 20 MiB/s or 100 Mbit/s, or unlimited'
  assert.deepEqual(problemsWith('    limit: 20 MiB'), [`links.dr.limit: ${rateRule}`])
  assert.match(problemsWith('    limit: 1000000')[0]!, /^links.dr.limit: write a rate with its unit.*hours/)
  assert.deepEqual(problemsWith('    limit: 0 MiB/s'), ['links.dr.limit: a rate is 1 KiB/s to 1 TiB/s'])
  const inside = (keys: string) => problemsWith(`    limit: { default: 1 MiB/s, ${keys} }`)
  assert.deepEqual(inside('hours: [{ from: 8am, rate: 1 MiB/s }]'), [
    'links.dr.limit.hours[0].from: write a time such as "08:00", in quotes',
  ])
  assert.deepEqual(inside('hours: [{ from: "08:00", to: "08:00", rate: 1 MiB/s }]'), [
    'links.dr.limit.hours[0].to: from and to are the same time; leave both out for whole days',
  ])
  assert.deepEqual(inside('hours: [{ days: weekdays, rate: 1 MiB/s }]'), [
    'links.dr.limit.hours[0].days: write days such as mon-fri or sat,sun',
  ])
  assert.deepEqual(inside('hours: [{ from: "08:00" }]'), [`links.dr.limit.hours[0].rate: ${rateRule}`])
  assert.deepEqual(inside('zone: Seoul'), [
    'links.dr.limit.zone: write the IANA name of a time zone, such as Asia/Seoul or UTC',
  ])
  assert.deepEqual(inside('houres: []'), ['links.dr.limit.houres: unknown key, did you mean hours?'])
  assert.deepEqual(inside('hours: [{ rate: 1 MiB/s, day: mon }]'), [
    'links.dr.limit.hours[0].day: unknown key, did you mean days?',
  ])
})

test('hours that overlap are refused, also over midnight and the turn of the week', () => {
  const hours = (...windows: string[]) => problemsWith(`    limit: { hours: [${windows.join(', ')}] }`)
  assert.deepEqual(
    hours(
      '{ from: "08:00", to: "20:00", days: mon-fri, rate: 1 MiB/s }',
      '{ from: "19:00", to: "21:00", days: fri, rate: 2 MiB/s }',
    ),
    ['links.dr.limit.hours[1]: overlaps hours[0], both hold on fri at 19:00'],
  )
  assert.deepEqual(
    hours(
      '{ from: "22:00", to: "06:00", days: sun, rate: 1 MiB/s }',
      '{ from: "05:00", to: "07:00", days: mon, rate: 2 MiB/s }',
    ),
    ['links.dr.limit.hours[1]: overlaps hours[0], both hold on mon at 05:00'],
  )
})

test('priorities by name or glob: a name in full comes before any glob', () => {
  assert.deepEqual(linkWith('    priority: { "log.*": low, orders: high, "*": 7 }').priority, [
    { topics: 'orders', weight: 16 },
    { topics: 'log.*', weight: 1 },
    { topics: '*', weight: 7 },
  ])
  assert.deepEqual(problemsWith('    priority: { orders: urgent }'), [
    'links.dr.priority.orders: write high, normal or low, or a weight from 1 to 64',
  ])
  assert.deepEqual(problemsWith('    priority: { orders: 65 }'), [
    'links.dr.priority.orders: must be 64 or less',
  ])
  assert.deepEqual(problemsWith('    priority: { "!x": low }'), [
    'links.dr.priority["!x"]: a priority goes by a topic or a glob; what no pattern names is normal',
  ])
  assert.deepEqual(problemsWith('    priority: { tmp.x: low }'), [
    'links.dr.priority["tmp.x"]: this link does not take this topic',
  ])
})
