import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MirrorRecord } from '../../link/state/records.ts'
import type { Fleet } from '../file/fleet.ts'
import { parseFleet } from '../file/load.ts'
import { appliedAfter } from './applied-after.ts'
import { checkPlanStillHolds, makePlan } from './make-plan.ts'
import type { ObservedCluster, ObservedFleet, ObservedLink, ObservedTopic } from './observed.ts'
import { type Plan, planExitCode } from './plan.ts'

const DR = 'clusters:\n  seoul:\n  virginia:\nlinks:\n  dr: { from: seoul, to: virginia }\n'
const load = (text: string): Fleet => parseFleet(text).fleet

type Ready = {
  readonly topics?: Record<string, ObservedTopic>
  readonly links?: Record<string, ObservedLink>
  readonly brokers?: number
}

function ready(name: string, { topics = {}, links = {}, brokers = 1 }: Ready = {}): ObservedCluster {
  return { name, state: 'ready', trouble: null, clusterId: `id-${name}`, brokers, topics, links }
}

function down(
  name: string,
  state: ObservedCluster['state'],
  clusterId: string | null = null,
): ObservedCluster {
  const trouble = state === 'unreachable' ? { code: 'CONNECTION_REFUSED', message: 'refused' } : null
  return { name, state, trouble, clusterId, brokers: null, topics: null, links: null }
}

function topic(name: string, ends: readonly number[], more: Partial<ObservedTopic> = {}): ObservedTopic {
  const partitions = ends.map((end) => ({ start: 0, end }))
  return { id: `topic-${name}`, replicationFactor: 1, partitions, ...more }
}

function observed(clusters: readonly ObservedCluster[], more: Partial<ObservedFleet> = {}): ObservedFleet {
  return {
    at: 1_700_000_000_000,
    applied: null,
    clusters: Object.fromEntries(clusters.map((cluster) => [cluster.name, cluster])),
    workers: [],
    ...more,
  }
}

/** The state topic's memory of a link as `declared` says it, and of its mirrors. */
function remembered(declared: Fleet, link: string, mirrors: readonly MirrorRecord[] = []): ObservedLink {
  const { from, topics, excluded, groups, prefix, start } = declared.links[link]!
  return {
    record: {
      name: link,
      source: { name: from, clusterId: `id-${from}` },
      topics: [...topics, ...excluded.map((pattern) => `!${pattern}`)],
      groups: [...groups],
      prefix,
      start: start as { at: 'earliest' },
      desired: 'active',
      producerId: 7,
      producerEpoch: 0,
      updatedAt: 1,
    },
    mirrors: [...mirrors],
  }
}

function mirror(name: string, more: Partial<MirrorRecord> = {}): MirrorRecord {
  const ids = { sourceTopicId: `topic-${name}`, mirrorTopicId: `topic-${name}-mirror` }
  return {
    link: 'dr',
    topic: name,
    mirror: name,
    ...ids,
    state: 'active',
    start: [0],
    withheld: {},
    producerIds: [],
    accepted: [],
    adopted: [],
    answer: null,
    closing: false,
    promotedAt: null,
    damage: [],
    ...more,
  }
}

const names = (plan: Plan): string[] => plan.actions.map((action) => `${action.action} ${action.subject}`)
const codes = (plan: Plan): string[] => plan.refusals.map(({ code, subject }) => `${code} ${subject}`)

test('a new fleet is clusters first, then links; mirrors show when the source answers', () => {
  const plan = makePlan(load(DR), observed([down('seoul', 'absent'), down('virginia', 'absent')]))
  assert.deepEqual(names(plan), [
    'create-cluster cluster seoul',
    'create-cluster cluster virginia',
    'create-link link dr',
  ])
  assert.deepEqual(plan.warnings, [
    { subject: 'link dr', message: 'which mirrors it makes shows when seoul answers' },
  ])
  assert.equal(planExitCode(plan), 3)
})

test('a fleet that is as declared needs nothing', () => {
  const declared = load(DR)
  const clusters = [
    ready('seoul', { topics: { orders: topic('orders', [5]) } }),
    ready('virginia', { links: { dr: remembered(declared, 'dr') } }),
  ]
  const state = observed(clusters, { workers: ['dr'] })
  const plan = makePlan(declared, { ...state, applied: appliedAfter(declared, state, 1) })
  assert.deepEqual([plan.actions, plan.refusals, plan.warnings], [[], [], []])
  assert.equal(planExitCode(plan), 0)
})

test('after down, clusters and links start; a paused link stays as the operator left it', () => {
  const declared = load(DR)
  const before = observed([ready('seoul'), ready('virginia')])
  const applied = appliedAfter(declared, before, 1)
  const plan = makePlan(
    declared,
    observed([down('seoul', 'stopped'), down('virginia', 'stopped')], { applied }),
  )
  assert.deepEqual(names(plan), [
    'start-cluster cluster seoul',
    'start-cluster cluster virginia',
    'start-link link dr',
  ])
  const link = remembered(declared, 'dr')
  const paused = { ...link, record: { ...link.record!, desired: 'paused' as const } }
  const up = observed([ready('seoul'), ready('virginia', { links: { dr: paused } })], { applied })
  assert.deepEqual(makePlan(declared, up).actions, [])
})

test('mirrors are planned with their partitions, and fewer brokers than replicas are told', () => {
  const topics = {
    orders: topic('orders', [5, 6], { replicationFactor: 3 }),
    __consumer_offsets: topic('x', [9]),
  }
  const plan = makePlan(load(DR), observed([ready('seoul', { topics, brokers: 3 }), ready('virginia')]))
  assert.deepEqual(names(plan), ['create-link link dr', 'create-mirror mirror dr/orders'])
  const [, action] = plan.actions
  assert.ok(action?.action === 'create-mirror')
  assert.deepEqual([action.partitions, action.onto, action.mirror], [2, 'new-topic', 'orders'])
  assert.deepEqual(plan.warnings, [
    {
      subject: 'mirror dr/orders',
      message: 'cannot have the 3 replicas of its source: virginia has 1 broker',
    },
  ])
})

test('a destination topic with data is refused with choices, and never offered to be written over', () => {
  const clusters = [
    ready('seoul', { topics: { orders: topic('orders', [5]) } }),
    ready('virginia', { topics: { orders: topic('other', [3]) } }),
  ]
  const plan = makePlan(load(DR), observed(clusters))
  assert.deepEqual(codes(plan), ['MIRROR_NOT_EMPTY mirror dr/orders'])
  assert.deepEqual(
    plan.refusals[0]?.choices.map(({ choice, how }) => [choice, how]),
    [
      ['prefix', 'links.dr.prefix: "seoul."'],
      ['delete', 'kmc topic delete orders --cluster virginia'],
    ],
  )
  assert.deepEqual(names(plan), ['create-link link dr'])
  assert.equal(planExitCode(plan), 1)
  // A topic that was emptied by retention held data too, and unknown offsets may hide some.
  for (const partitions of [[{ start: 4, end: 4 }], [{ start: null, end: null }]]) {
    const emptied = { ...clusters[1]!, topics: { orders: topic('other', [0], { partitions }) } }
    assert.deepEqual(codes(makePlan(load(DR), observed([clusters[0]!, emptied]))), [
      'MIRROR_NOT_EMPTY mirror dr/orders',
    ])
  }
})

test('an earlier mirror of the link may be resumed, when it is proved to be one and chosen', () => {
  const source = ready('seoul', { topics: { orders: topic('orders', [5]) } })
  const virginia = (end: number, record: MirrorRecord) =>
    ready('virginia', {
      topics: { orders: topic('orders-mirror', [end]) },
      links: { dr: { record: null, mirrors: [record] } },
    })
  const offered = makePlan(load(DR), observed([source, virginia(3, mirror('orders'))]))
  assert.deepEqual(
    offered.refusals[0]?.choices.map(({ choice }) => choice),
    ['resume', 'prefix', 'delete'],
  )
  const chosen = makePlan(load(DR), observed([source, virginia(3, mirror('orders'))]), {
    resume: ['dr/orders'],
  })
  assert.deepEqual(chosen.refusals, [])
  const action = chosen.actions.at(-1)
  assert.ok(action?.action === 'create-mirror' && action.onto === 'earlier-mirror')
  for (const unproved of [
    virginia(6, mirror('orders')),
    virginia(3, mirror('orders', { sourceTopicId: 'another' })),
    virginia(3, mirror('orders', { mirrorTopicId: 'another' })),
  ]) {
    const plan = makePlan(load(DR), observed([source, unproved]), { resume: ['dr/orders'] })
    assert.deepEqual(codes(plan), ['MIRROR_NOT_EMPTY mirror dr/orders'])
    assert.ok(!plan.refusals[0]?.choices.some(({ choice }) => choice === 'resume'))
  }
})

test('an empty topic is used, one with more partitions is not', () => {
  const source = ready('seoul', { topics: { orders: topic('orders', [5]) } })
  const plan = makePlan(
    load(DR),
    observed([source, ready('virginia', { topics: { orders: topic('o', [0]) } })]),
  )
  const action = plan.actions.at(-1)
  assert.ok(action?.action === 'create-mirror' && action.onto === 'empty-topic')
  const wide = makePlan(
    load(DR),
    observed([source, ready('virginia', { topics: { orders: topic('o', [0, 0]) } })]),
  )
  assert.deepEqual(codes(wide), ['MIRROR_PARTITIONS mirror dr/orders'])
})

test('two links that only globs could bring into one mirror are decided by the names that exist', () => {
  const declared = load(
    'clusters: { a: , b: , c: }\nlinks: { one: { from: a, to: c }, two: { from: b, to: c } }\n',
  )
  const clusters = (name: string) => [
    ready('a', { topics: { orders: topic('a', [1]) } }),
    ready('b', { topics: { [name]: topic('b', [1]) } }),
    ready('c'),
  ]
  assert.deepEqual(codes(makePlan(declared, observed(clusters('payments')))), [])
  assert.deepEqual(codes(makePlan(declared, observed(clusters('orders')))), [
    'MIRROR_CONFLICT mirror one/orders',
    'MIRROR_CONFLICT mirror two/orders',
  ])
})

test('the mirror of another link, also of another fleet, is not taken', () => {
  const foreign: ObservedLink = {
    ...remembered(load(DR), 'dr'),
    mirrors: [mirror('orders', { link: 'theirs', mirrorTopicId: 'topic-m' })],
  }
  const clusters = [
    ready('seoul', { topics: { orders: topic('orders', [5]) } }),
    ready('virginia', { topics: { orders: topic('m', [3]) }, links: { theirs: foreign } }),
  ]
  const plan = makePlan(load(DR), observed(clusters))
  assert.deepEqual(codes(plan), ['MIRROR_CONFLICT mirror dr/orders'])
  assert.match(
    plan.warnings.map(({ message }) => message).join(),
    /keeps a link theirs that is not of this fleet/,
  )
})

test('what an ended link left behind is mirrored like any topic, with a warning', () => {
  const back = load('clusters: { seoul: , virginia: }\nlinks: { back: { from: virginia, to: seoul } }\n')
  const left = ready('virginia', {
    topics: { orders: topic('orders-mirror', [3]) },
    links: { dr: { record: null, mirrors: [mirror('orders')] } },
  })
  const plan = makePlan(back, observed([ready('seoul'), left]))
  assert.deepEqual(names(plan), ['create-link link back', 'create-mirror mirror back/orders'])
  assert.deepEqual(
    plan.warnings.map(({ message }) => message),
    ['orders on virginia is what link dr once mirrored: its records come from another cluster'],
  )
})

test('what is taken out of the file is ended, and its data stay', () => {
  const declared = load(DR)
  const clusters = [
    ready('seoul'),
    ready('virginia', { links: { dr: remembered(declared, 'dr', [mirror('orders')]) } }),
  ]
  const state = observed(clusters, { workers: ['dr'] })
  const applied = appliedAfter(declared, state, 1)
  const without = makePlan(load('clusters:\n  virginia: { port: 19102 }\n'), { ...state, applied })
  assert.deepEqual(names(without), ['delete-link link dr', 'stop-cluster cluster seoul'])
  const [gone, stopped] = without.actions
  assert.match(gone!.reason, /its 1 mirror on virginia stay as ordinary topics/)
  assert.match(stopped!.reason, /its data stay in .kmc\/clusters\/seoul/)
})

test('a changed link says what changes, and which mirrors it lets go', () => {
  const declared = load(DR)
  const topics = { orders: topic('orders', [5]), tmp: topic('tmp', [1]) }
  const mirrors = { orders: topic('orders-mirror', [5]), tmp: topic('tmp-mirror', [1]) }
  const link = remembered(declared, 'dr', [mirror('orders'), mirror('tmp')])
  const state = observed(
    [ready('seoul', { topics }), ready('virginia', { topics: mirrors, links: { dr: link } })],
    { workers: ['dr'] },
  )
  const plan = makePlan(load(DR.replace('virginia }', 'virginia, topics: ["*", "!tmp"] }')), state)
  assert.deepEqual(names(plan), ['change-link link dr', 'release-mirror mirror dr/tmp'])
  const [action] = plan.actions
  assert.ok(action?.action === 'change-link')
  assert.deepEqual(action.changes, [{ key: 'topics', from: '["*"]', to: '["*","!tmp"]' }])
})

test('a link that moves to another cluster ends there and begins here', () => {
  const before = load('clusters: { a: , b: , c: }\nlinks: { l: { from: a, to: b } }\n')
  const now = load('clusters: { a: , b: , c: }\nlinks: { l: { from: a, to: c } }\n')
  const state = observed([ready('a'), ready('b', { links: { l: remembered(before, 'l') } }), ready('c')], {
    workers: ['l'],
  })
  const plan = makePlan(now, { ...state, applied: appliedAfter(before, state, 1) })
  assert.deepEqual(names(plan), ['delete-link link l', 'create-link link l'])
  assert.ok(plan.actions[0]?.action === 'delete-link' && plan.actions[0].declaration.to === 'b')
})

test('another cluster behind a known address is refused', () => {
  const declared = load('clusters: { a: , t: { bootstrap: ["h:1"] } }\nlinks: { l: { from: t, to: a } }\n')
  const first = observed([ready('a', { links: { l: remembered(declared, 'l') } }), ready('t')], {
    workers: ['l'],
  })
  const applied = appliedAfter(declared, first, 1)
  const second = {
    ...first,
    applied,
    clusters: { ...first.clusters, t: { ...ready('t'), clusterId: 'id-new' } },
  }
  assert.deepEqual(codes(makePlan(declared, second)), [
    'CLUSTER_ID_CHANGED cluster t',
    'CLUSTER_ID_CHANGED link l',
  ])
  const expected = load('clusters: { t: { bootstrap: ["h:1"], clusterId: other } }\n')
  assert.deepEqual(codes(makePlan(expected, observed([ready('t')]))), ['CLUSTER_ID_CHANGED cluster t'])
})

test('two names for one cluster are refused when both answer', () => {
  const declared = load('clusters: { s: { bootstrap: ["h:1"] }, t: { bootstrap: ["h:2"] } }\n')
  const same = observed([ready('s'), { ...ready('t'), clusterId: 'id-s' }])
  assert.deepEqual(codes(makePlan(declared, same)), ['CLUSTERS_ARE_ONE cluster t'])
})

test('a new link needs both ends; one that is there does not mind', () => {
  const declared = load('clusters: { a: , t: { bootstrap: ["h:1"] } }\nlinks: { l: { from: a, to: t } }\n')
  const without = observed([ready('a'), down('t', 'unreachable')])
  assert.deepEqual(codes(makePlan(declared, without)), ['CLUSTER_UNREACHABLE link l'])
  const applied = appliedAfter(declared, observed([ready('a'), ready('t')]), 1)
  const plan = makePlan(declared, { ...without, applied, workers: ['l'] })
  assert.deepEqual([plan.actions, plan.refusals], [[], []])
  assert.match(plan.warnings[0]?.message ?? '', /does not answer/)
})

test('a managed cluster changes as far as its data allow', () => {
  const plans = (before: string, now: string): Plan => {
    const state = observed([ready('a')])
    return makePlan(load(now), { ...state, applied: appliedAfter(load(before), state, 1) })
  }
  const upgraded = plans(
    'clusters: { a: { kafka: 3.9.2 } }\n',
    'clusters: { a: { kafka: 4.3.1, heap: 512 } }\n',
  )
  const [action] = upgraded.actions
  assert.ok(action?.action === 'change-cluster' && action.restart)
  assert.deepEqual(action.changes, [
    { key: 'kafka', from: '3.9.2', to: '4.3.1' },
    { key: 'heap', from: 'default', to: '512 MiB' },
  ])
  assert.deepEqual(codes(upgraded), [])
  for (const [before, now] of [
    ['{ kafka: 4.3.1 }', '{ kafka: 3.9.2 }'],
    ['{ brokers: 3 }', '{ brokers: 1 }'],
    ['{ security: false }', '{ security: true }'],
    ['{ bootstrap: ["h:1"] }', '{ }'],
  ]) {
    assert.deepEqual(codes(plans(`clusters: { a: ${before} }\n`, `clusters: { a: ${now} }\n`)), [
      'CHANGE_NEEDS_NEW_CLUSTER cluster a',
    ])
  }
  assert.deepEqual(
    plans('clusters: { a: { region: kr } }\n', 'clusters: { a: { region: us } }\n').actions,
    [],
  )
})

test('a saved plan holds as long as what it rests on does', () => {
  const declared = load(DR)
  const at = (ends: readonly number[], more: Record<string, ObservedTopic> = {}) =>
    observed([ready('seoul', { topics: { orders: topic('orders', ends), ...more } }), ready('virginia')])
  const plan = makePlan(declared, at([5]))
  assert.deepEqual(checkPlanStillHolds(plan, declared, { ...at([900]), at: 2 }), [])
  assert.deepEqual(checkPlanStillHolds(plan, declared, at([5], { payments: topic('p', [1]) })), [
    'mirror virginia/payments: is now from topic-p with 1 partitions, not there, the plan did not know of it',
    'topics of dr: new: payments',
  ])
  assert.deepEqual(checkPlanStillHolds(plan, load(DR.replace('seoul:', 'seoul: { heap: 512 }')), at([5])), [
    'the fleet file declares something else than it did',
  ])
  assert.deepEqual(checkPlanStillHolds(plan, load(`fleet: x\n${DR}`), at([5])), [
    'the plan is for fleet fleet, the file declares x',
  ])
  const stopped = observed([down('seoul', 'stopped', 'id-seoul'), ready('virginia')])
  assert.match(
    checkPlanStillHolds(plan, declared, stopped).join('\n'),
    /cluster seoul: was ready, id id-seoul, is stopped, id id-seoul/,
  )
})

test('the same input gives the same plan', () => {
  const input = [
    load(DR),
    observed([ready('seoul', { topics: { a: topic('a', [1]), b: topic('b', [2]) } }), ready('virginia')]),
  ] as const
  assert.deepEqual(makePlan(...input), makePlan(...input))
})

test('a link that is new or changed says what it will carry over, one at work does that by itself', () => {
  const declared = load(DR.replace('to: virginia', 'to: virginia, acls: true'))
  const nothing = { without: null, create: [], remove: [], kept: [], foreign: [], withheld: [], writers: [] }
  const acls = { ...nothing, create: ['allow read on topic a for User:x'], withheld: [] }
  const travel = { dr: { acls, quotas: null, users: null } }
  const clusters = [ready('seoul'), ready('virginia')]
  const plan = makePlan(declared, observed(clusters, { travel }))
  assert.deepEqual(names(plan), ['create-link link dr', 'carry-over link dr'])
  assert.equal(plan.actions.at(-1)?.reason, '1 ACL to make')
  const before = remembered(load(DR), 'dr')
  const changed = observed([ready('seoul'), ready('virginia', { links: { dr: before } })], {
    workers: ['dr'],
  })
  const change = makePlan(declared, changed).actions.find(({ action }) => action === 'change-link')
  assert.deepEqual(change && 'changes' in change && change.changes.map(({ key }) => key), ['acls'])
  const record = { ...before.record!, travel: declared.links.dr!.travel! }
  const working = [ready('seoul'), ready('virginia', { links: { dr: { ...before, record } } })]
  assert.deepEqual(makePlan(declared, observed(working, { travel, workers: ['dr'] })).actions, [])
})

test('a cluster without an authorizer, and a dry run that failed, are told', () => {
  const declared = load(DR.replace('to: virginia', 'to: virginia, acls: true'))
  const nothing = { create: [], remove: [], kept: [], foreign: [], withheld: [], writers: [] }
  const warnings = (dr: NonNullable<ObservedFleet['travel']>[string]) =>
    makePlan(declared, observed([ready('seoul'), ready('virginia')], { travel: { dr } })).warnings
  assert.deepEqual(warnings({ acls: { ...nothing, without: 'destination' }, quotas: null, users: null }), [
    { subject: 'link dr', message: 'virginia has no authorizer, so no ACLs travel' },
  ])
  assert.match(
    warnings({ trouble: 'CLUSTER_AUTHORIZATION_FAILED' })[0]!.message,
    /is not known: CLUSTER_AUTH/,
  )
})
