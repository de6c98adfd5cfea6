import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainGroup, type GroupScene, type GroupSide, type MirroredPartition } from './explain.ts'

const at = (offset: number, topic = 't') => ({ topic, partition: 0, offset })
const side = (...positions: { topic: string; partition: number; offset: number }[]): GroupSide => ({
  ...{ there: true, type: 'classic', state: 'Empty', members: 0 },
  positions,
})
const mirror = (more: Partial<MirroredPartition> = {}): MirroredPartition => ({
  ...{ topic: 't', partition: 0, mirror: 'p.t', sourceEnd: 100, mirrorStart: 0, mirrorEnd: 100 },
  ...more,
})
const scene = (more: Partial<GroupScene>): GroupScene => ({
  group: 'g',
  link: { name: 'dr', from: 'seoul', to: 'tokyo', groups: ['*'], topics: ['t', 'u'] },
  state: 'active',
  ...{ source: side(at(50)), destination: side(at(50, 'p.t')), mirrored: [mirror()], written: null },
  ...more,
})

const situations: [string, Partial<GroupScene>, group: string, partition: string | null, RegExp][] = [
  ['the same on both sides', {}, 'in-step', 'in-step', /would continue on tokyo/],
  [
    'the link does not take the group',
    { link: { ...scene({}).link, groups: ['billing'] } },
    ...(['not-matched', 'in-step', /takes the groups billing, and g is none/] as const),
  ],
  ['the link is paused', { state: 'paused' }, 'link-paused', 'in-step', /kmc link resume dr/],
  ['the link was never started', { state: 'absent' }, 'link-absent', 'in-step', /never started/],
  ['it is not at the source', { source: { there: false } }, 'not-at-source', null, /first commit/],
  [
    'the source refuses',
    { source: { there: null, why: 'GROUP_AUTHORIZATION_FAILED' } },
    ...(['source-unknown', null, /GROUP_AUTHORIZATION_FAILED/] as const),
  ],
  ['it never committed', { source: side() }, 'no-positions-at-source', null, /never committed/],
  [
    'it is in use at the destination',
    { destination: { ...(side(at(3, 'p.t')) as GroupSide & { there: true }), members: 2, state: 'Stable' } },
    ...(['active-at-destination', 'older', /2 members on tokyo: a group in use is never moved/] as const),
  ],
  [
    'a share group of that name stands there',
    { destination: { ...(side() as GroupSide & { there: true }), type: 'share' } },
    ...(['other-type-at-destination', 'none-yet', /a classic group on seoul and a share group/] as const),
  ],
  [
    'the records are not there yet',
    { mirrored: [mirror({ mirrorEnd: 30 })], destination: side() },
    ...(['waits-for-data', 'data-not-arrived', /t-0/] as const),
  ],
  ['the topic has no mirror', { mirrored: [] }, 'waits-for-data', 'topic-not-mirrored', /t-0/],
  [
    'the source read on',
    { destination: side(at(40, 'p.t')) },
    ...(['on-its-way', 'older', /next rounds/] as const),
  ],
  ['nothing was written yet', { destination: { there: false } }, 'on-its-way', 'none-yet', /t-0/],
  [
    'somebody read on there',
    { destination: side(at(70, 'p.t')) },
    ...(['moved-at-destination', 'newer', /left alone/] as const),
  ],
  [
    'somebody moved it back there',
    { destination: side(at(10, 'p.t')), written: new Map([['p.t-0', 50]]) },
    ...(['moved-at-destination', 'moved-at-destination', /Somebody moved g/] as const),
  ],
  [
    'the source itself went back',
    { destination: side(at(70, 'p.t')), written: new Map([['p.t-0', 70]]) },
    ...(['on-its-way', 'older', /next rounds/] as const),
  ],
  [
    'the position lies before the mirror',
    { mirrored: [mirror({ mirrorStart: 60 })], destination: side(at(60, 'p.t')) },
    ...(['in-step', 'clamped-to-start', /would continue/] as const),
  ],
  [
    'the position lies beyond the end',
    { source: side(at(500)), destination: side(at(100, 'p.t')) },
    ...(['in-step', 'clamped-to-end', /would continue/] as const),
  ],
  [
    'the destination does not answer for the mirror',
    { mirrored: [mirror({ mirrorEnd: null })] },
    ...(['on-its-way', 'unknown', /t-0/] as const),
  ],
  [
    'a topic that the link does not take',
    { source: side(at(5, 'other'), at(50)) },
    ...(['in-step', 'topic-not-taken', /would continue/] as const),
  ],
]

for (const [what, more, group, partition, words] of situations) {
  test(`${what}: ${group}`, () => {
    const explained = explainGroup(scene(more))
    assert.equal(explained.reason, group)
    assert.match(explained.words, words)
    assert.equal(explained.partitions[0]?.reason ?? null, partition)
    assert.ok(explained.partitions.every((one) => one.words.length > 0))
  })
}

test('only what the link takes decides whether the group is in step', () => {
  assert.equal(explainGroup(scene({ source: side(at(5, 'other'), at(50)) })).inStep, true)
  assert.equal(explainGroup(scene({ source: side(at(5, 'other')) })).inStep, false)
})
