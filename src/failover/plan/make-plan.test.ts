import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { checkPlan } from './check-plan.ts'
import { known, type PlanFacts, type PlanWish, unknown } from './facts.ts'
import { makeFailoverPlan } from './make-plan.ts'
import type { FailoverPlan } from './plan.ts'
import { failoverPlanText, parseFailoverPlan } from './saved.ts'
import { stepsOf } from './steps.ts'
import { AT, billing, facts, link, log, mirror, route, side } from './testing/facts.ts'

function plan(change: Partial<PlanFacts> = {}, wish: Partial<PlanWish> = {}): FailoverPlan {
  return makeFailoverPlan(facts(change), { accepted: new Set(), ...wish })
}

const codes = ({ refusals }: FailoverPlan) => refusals.map(({ code }) => code)
const gone = unknown<never>('nobody listens')
const gateway = {
  id: 'g1',
  host: 'edge',
  pid: 7,
  mayWrite: true,
  lostSince: null,
  connections: 12,
  leaseMs: 6_000,
  at: AT - 1_000,
}
const ended = { ...log, end: 90, newest: AT - 4_000 }
const behind = side('osaka', {
  logs: new Map([
    ['orders-0', ended],
    ['orders-1', log],
  ]),
})
const seen = (at: number | null) => ({
  link: 'dr',
  ends: new Map([
    ['orders-0', { end: 110, at, lagSeconds: 2 }],
    ['orders-1', { end: 100, at, lagSeconds: 0 }],
  ]),
  faults: new Map(),
  groups: [],
})

describe('what would be lost', () => {
  test('a switchover loses nothing and says what it copies first', () => {
    const { kind, lost, drained, refusals } = plan({ to: known(behind) })
    assert.equal(kind, 'switchover')
    assert.deepEqual(lost, { records: 0, bytes: 0, seconds: 0 })
    assert.deepEqual(drained, { records: 10, bytes: 1_000, seconds: 3 })
    assert.deepEqual(refusals, [])
  })

  test('forced while the active cluster answers, what has not arrived is lost', () => {
    const forced = plan({ to: known(behind) }, { kind: 'failover', accepted: new Set(['force']) })
    assert.deepEqual(forced.lost, { records: 10, bytes: 1_000, seconds: 3 })
    assert.deepEqual(
      forced.overridden.map(({ code }) => code),
      ['ACTIVE_ANSWERS'],
    )
    assert.deepEqual(codes(plan({}, { kind: 'failover' })), ['ACTIVE_ANSWERS'])
  })

  test('without the active cluster it is what a worker saw last, with its age', () => {
    const { kind, lost, seenAt, fromTrouble } = plan({ from: gone, lastSeen: seen(AT - 12_000) })
    assert.equal(kind, 'failover')
    assert.deepEqual(lost, { records: 10, bytes: 1_000, seconds: 2 })
    assert.equal(seenAt, AT - 12_000)
    assert.equal(fromTrouble, 'nobody listens')
  })

  test('what nobody saw is unknown, never nothing', () => {
    const { lost, seenAt, groups } = plan({ from: gone })
    assert.deepEqual(lost, { records: null, bytes: null, seconds: null })
    assert.equal(seenAt, null)
    assert.deepEqual([groups[0]?.group, groups[0]?.reRead], ['billing', null])
  })
})

describe('where groups go on', () => {
  const late = {
    ...billing,
    positions: [
      { topic: 'orders', partition: 0, offset: 40, metadata: null },
      { topic: 'orders', partition: 1, offset: 60, metadata: null },
    ],
  }

  test('a switchover copies positions once more: nothing is read again', () => {
    const [group] = plan({ to: known(side('osaka', { groups: known([late]) })) }).groups
    assert.deepEqual([group?.reRead, group?.skipped], [0, 0])
  })

  test('a failover goes on where the positions stand', () => {
    const forced = { kind: 'failover', accepted: new Set(['force']) } as const
    const [group] = plan({ to: known(side('osaka', { groups: known([late]) })) }, forced).groups
    assert.deepEqual([group?.reRead, group?.skipped], [10, 0])
  })

  test('a group in use on the other side keeps its positions there, and that is told', () => {
    const used = { ...late, members: 1, state: 'Stable' }
    const { groups, drift } = plan({ to: known(side('osaka', { groups: known([used]) })) })
    assert.deepEqual([groups[0]?.verdict, groups[0]?.reRead], ['active-at-destination', 10])
    assert.ok(drift.some(({ what }) => /has members on osaka/.test(what)))
  })

  test('records that were never copied are told as never read', () => {
    const from90 = new Map([
      ['orders-0', { ...log, start: 70 }],
      ['orders-1', log],
    ])
    const [group] = plan({ to: known(side('osaka', { logs: from90 })) }).groups
    assert.deepEqual([group?.reRead, group?.skipped], [0, 20])
  })
})

/** Each change of the facts, and what a switchover is refused for. */
const refused: readonly [name: string, change: Partial<PlanFacts>, expected: readonly string[]][] = [
  ['nothing amiss', {}, []],
  ['no link', { spec: null }, ['NO_STANDBY']],
  ['no other cluster', { to: gone, link: gone }, ['STANDBY_UNREACHABLE']],
  ['neither cluster', { from: gone, to: gone, link: gone }, ['STANDBY_UNREACHABLE']],
  ['a link that never ran', { link: known(null) }, ['STANDBY_EMPTY']],
  ['no mirrors', { link: known(link({ mirrors: [] })) }, ['STANDBY_EMPTY']],
  [
    'one that runs',
    { route: { ...route, running: { id: 'r', plan: 'p', by: 'bob on desk', step: 'drain' } } },
    ['FAILOVER_RUNNING'],
  ],
  ['a paused link', { link: known(link({ desired: 'paused' })) }, ['LINK_PAUSED']],
  ['no worker', { link: known(link({ workers: known(0) })) }, ['LINK_NOT_RUNNING']],
  [
    'a paused mirror',
    { link: known(link({ mirrors: [{ ...mirror, state: 'paused' }] })) },
    ['MIRRORS_STOPPED'],
  ],
  [
    'a faulted mirror',
    { lastSeen: { ...seen(AT), faults: new Map([['orders', 'DIVERGED']]) } },
    ['MIRRORS_STOPPED'],
  ],
  ['producer ids of both', { link: known(link({ producerIdsFrom: null })) }, ['PRODUCER_IDS_SHARED']],
  ['a gateway', { route: { ...route, gateways: [gateway] } }, []],
  [
    'a silent gateway',
    { route: { ...route, gateways: [{ ...gateway, at: AT - 9_000 }] } },
    ['GATEWAY_SILENT'],
  ],
  [
    'a partition without leader',
    {
      from: known(
        side('seoul', {
          topics: new Map([
            ['orders', { name: 'orders', id: 'i', partitions: 2, replicationFactor: 3, leaderless: [1] }],
          ]),
        }),
      ),
    },
    ['ACTIVE_INCOMPLETE'],
  ],
  [
    'a hanging transaction',
    {
      from: known(
        side('seoul', {
          transactions: known([
            {
              transactionalId: 'pay',
              producerId: 9,
              state: 'Ongoing',
              timeoutMs: 60_000,
              startedAt: AT - 100_000,
              partitions: ['orders-0'],
            },
          ]),
        }),
      ),
    },
    ['TRANSACTION_HANGS'],
  ],
  [
    'a user that is missing',
    { from: known(side('seoul', { users: known(new Map([['app', ['SCRAM-SHA-512']]])) })) },
    ['DRIFT'],
  ],
]

describe('what a switchover is refused for', () => {
  for (const [name, change, expected] of refused) {
    test(name, () => {
      const made = plan(change)
      assert.deepEqual(codes(made), expected)
      for (const { why, remedy, what } of made.refusals) assert.ok(why && remedy && what)
    })
  }

  test('a cluster that only this machine cannot reach is not left behind', () => {
    const serving = { from: gone, route: { ...route, gateways: [gateway] } }
    assert.deepEqual(codes(plan(serving)), ['ACTIVE_SERVES'])
    const died = { ...serving.route.gateways[0]!, id: 'died', at: AT - 4_000 }
    const sawItGo = { ...died, id: 'saw', mayWrite: false, at: AT, lostSince: AT - 3_500 }
    const both = { from: gone, route: { ...route, gateways: [died, sawItGo] } }
    assert.deepEqual(
      codes(plan(both)),
      [],
      'it has missed its word, and another one sees that cluster no more',
    )
    const silent = { ...died, at: AT - 60_000 }
    assert.deepEqual(codes(plan({ from: gone, route: { ...route, gateways: [silent] } })), [])
    assert.ok(plan(serving).refusals.every(({ passes }) => passes))
    const forced = plan(serving, { kind: 'failover', accepted: new Set(['force']) })
    assert.deepEqual(codes(forced), [])
    const lapsed = { ...serving, route: { ...route, gateways: [{ ...gateway, mayWrite: false }] } }
    assert.deepEqual(codes(plan(lapsed)), [])
  })

  test('a flag accepts one reason and is kept in the plan', () => {
    const change = { route: { ...route, gateways: [{ ...gateway, at: AT - 9_000 }] } }
    const made = plan(change, { accepted: new Set(['without-gateways']) })
    assert.deepEqual([codes(made), made.accepted], [[], ['without-gateways']])
  })

  test('what only a switchover needs does not keep a failover back', () => {
    const stopped = link({ workers: known(0), desired: 'paused' })
    const { refusals, kind } = plan({ from: gone, link: known(stopped), lastSeen: seen(AT) })
    assert.deepEqual([kind, refusals], ['failover', []])
  })
})

describe('a saved plan', () => {
  test('is read back as it was, and not when a hand was at it', () => {
    const made = plan({ to: known(behind) })
    assert.deepEqual(parseFailoverPlan(failoverPlanText(made)), made)
    assert.equal(
      parseFailoverPlan(failoverPlanText(made).replace('"seoul"', '"busan"')),
      'it was changed after it was made',
    )
    assert.equal(parseFailoverPlan('{'), 'it is not JSON')
    assert.match(String(parseFailoverPlan('{"format":2}')), /format/)
  })

  test('still holds while only lag changes', () => {
    assert.deepEqual(checkPlan(plan(), plan({ to: known(behind), at: AT + 60_000 })), [])
  })

  test('names each thing that changed', () => {
    const now = plan({
      route: { ...route, epoch: 5, gateways: [gateway] },
      link: known(
        link({ generation: 4, desired: 'paused', mirrors: [{ ...mirror, mirrorTopicId: 'other' }] }),
      ),
    })
    assert.deepEqual(
      checkPlan(plan(), now).map(({ what, was, is }) => [what, was, is]),
      [
        ['the epoch of the route (each change counts one)', '4', '5'],
        ['the generation of the link (its workers have changed)', '3', '4'],
        ['mirror orders', 'orders id-seoul to id-osaka, active', 'orders id-seoul to other, active'],
        ['gateway g1', null, 'edge/7'],
        ['refused with LINK_PAUSED', null, 'link dr is paused'],
      ],
    )
  })

  test('a plan for a cluster that answered does not hold when it is gone', () => {
    const [first] = checkPlan(plan(), plan({ from: gone, lastSeen: seen(AT) }))
    assert.deepEqual(first, { what: 'what is done', was: 'switchover', is: 'failover' })
  })
})

test('however far the link is behind, writers wait for the last of it only', () => {
  const way = { kind: 'switchover', from: 'a', to: 'b' } as const
  const held = (drainMs: number) => {
    const steps = stepsOf({ ...way, drainMs })
    return steps.reduce((sum, { expectedMs, holdsWrites }) => sum + (holdsWrites ? expectedMs : 0), 0)
  }
  assert.ok(held(3_000_000) < held(0) + 2_000)
})

test('the steps say for how long writers wait', () => {
  const { steps, expectedMs, heldMs } = plan()
  assert.deepEqual(
    steps.map(({ number }) => number),
    steps.map((_, index) => index + 1),
  )
  assert.ok(heldMs > 0 && heldMs < expectedMs)
  assert.ok(!steps.some(({ what }) => what.includes('{')))
})
