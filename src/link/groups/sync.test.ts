import assert from 'node:assert/strict'
import { test } from 'node:test'
import { KmcError } from '../../base/error.ts'
import { silentLog } from '../../base/log.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { CommitRefusal } from './port.ts'
import type { Position } from './position.ts'
import { GroupSync } from './sync.ts'

/** One topic `t` with one partition, mirrored as `p.t`; every value may be changed between two steps. */
function world() {
  const state = {
    groups: new Map<string, Position[]>([['g', [position(5)]]]),
    highWatermark: 10,
    mirrored: { mirror: 'p.t', start: 0, end: 0 },
    active: new Set<string>(),
    committed: [] as Position[],
    refusals: [] as CommitRefusal[],
    now: 0,
    refused: new Set<string>(),
    /** Commits are done, but their answers do not come. */
    lost: false,
    mayWrite: true,
  }
  const sync = new GroupSync({
    source: {
      list: async () => [...state.groups.keys()],
      positions: async (groups) =>
        groups.map((group) => {
          if (state.refused.has(group)) return { group, error: new KmcError('KAFKA_ERROR', 'refused') }
          return { group, positions: state.groups.get(group) ?? [] }
        }),
      highWatermarks: async () => [state.highWatermark],
    },
    destination: {
      positions: async () => [{ group: 'g', positions: state.committed }],
      active: async () => state.active,
      commit: async (_group, positions) => {
        if (state.refusals.length === 0) state.committed = [...positions]
        if (state.lost) throw new KmcError('NO_ANSWER', 'no answer in time')
        return state.refusals
      },
    },
    matches: () => true,
    expected: ['g'],
    partitions: () => [{ topic: 't', partition: 0 }],
    mirrored: () => state.mirrored,
    mayWrite: () => state.mayWrite,
    clock: { now: () => state.now, sleep: async () => {}, after: () => () => {} },
    log: silentLog,
  })
  return { state, sync }
}

function position(offset: number, metadata: string | null = 'm'): Position {
  return { topic: 't', partition: 0, offset, metadata }
}

test('a position is written only when the mirror has passed all that was there when it was read', async () => {
  const { state, sync } = world()
  state.mirrored.end = 9
  await sync.step()
  state.groups.set('g', [position(9)])
  state.highWatermark = 20
  await sync.step()
  assert.equal(state.committed.length, 0)
  state.mirrored.end = 10
  await sync.step()
  assert.deepEqual(
    state.committed,
    [{ ...position(5), topic: 'p.t' }],
    'the snapshot that was held, not a later one',
  )
  await sync.step()
  assert.equal(state.committed.at(0)?.offset, 5, 'the next one waits for 20')
  state.mirrored.end = 20
  await sync.step()
  assert.equal(state.committed.at(0)?.offset, 9)
})

test('metadata travels, offsets stay inside the mirror', async () => {
  const { state, sync } = world()
  state.mirrored = { mirror: 'p.t', start: 7, end: 30 }
  await sync.step()
  assert.deepEqual(state.committed, [{ topic: 'p.t', partition: 0, offset: 7, metadata: 'm' }])
})

test('a group in use at the destination is not moved, whoever notices', async () => {
  const { state, sync } = world()
  state.mirrored.end = 10
  state.active.add('g')
  await sync.step()
  assert.deepEqual([state.committed.length, sync.status()[0]?.state], [0, 'active'])
  state.active.clear()
  state.refusals = [{ topic: 'p.t', partition: 0, errorCode: ErrorCode.UNKNOWN_MEMBER_ID }]
  await sync.step()
  assert.equal(sync.status()[0]?.state, 'active')
})

test('a refusal is a fault of that group, and the next success clears it', async () => {
  const { state, sync } = world()
  state.mirrored.end = 10
  state.refusals = [{ topic: 'p.t', partition: 0, errorCode: ErrorCode.GROUP_AUTHORIZATION_FAILED }]
  await sync.step()
  assert.equal(sync.status()[0]?.fault?.code, 'NOT_AUTHORIZED')
  state.refusals = []
  await sync.step()
  assert.deepEqual([sync.status()[0]?.state, sync.status()[0]?.fault], ['in-step', null])
})

test('a snapshot that waits long is told', async () => {
  const { state, sync } = world()
  await sync.step()
  state.now = 6_000
  await sync.step()
  assert.equal(sync.status()[0]?.state, 'waiting')
})

test('one refused group does not hold back the others, a missing one is told', async () => {
  const { state, sync } = world()
  state.mirrored.end = 10
  state.groups.delete('g')
  await sync.step()
  assert.equal(sync.status()[0]?.fault?.code, 'GROUP_MISSING')
  state.groups.set('g', [position(5)])
  state.groups.set('h', [position(1)])
  state.refused.add('h')
  await sync.step()
  assert.equal(state.committed.at(0)?.offset, 5)
  const [g, h] = sync.status()
  assert.deepEqual([g?.state, g?.fault, h?.state], ['in-step', null, 'faulted'])
})

test('a position that somebody moved at the destination stays theirs, also after the group has left', async () => {
  const { state, sync } = world()
  state.mirrored.end = 30
  await sync.step()
  assert.equal(state.committed.at(0)?.offset, 5)
  state.committed = [{ ...position(7), topic: 'p.t' }]
  state.groups.set('g', [position(9)])
  await sync.step()
  assert.deepEqual([state.committed.at(0)?.offset, sync.status()[0]?.state], [7, 'active'])
})

test('a worker that has just started leaves a position that is ahead of the source', async () => {
  const { state, sync } = world()
  state.mirrored.end = 30
  state.committed = [{ ...position(20), topic: 'p.t' }]
  await sync.step()
  assert.deepEqual([state.committed.at(0)?.offset, sync.status()[0]?.state], [20, 'active'])
  state.committed = []
  await sync.step()
  assert.equal(state.committed.at(0)?.offset, 5, 'a group that was deleted there is written again')
})

test('a position whose answer was lost is still the link’s own', async () => {
  const { state, sync } = world()
  state.mirrored.end = 10
  await sync.step()
  state.groups.set('g', [position(7)])
  state.lost = true
  await sync.step()
  assert.deepEqual([state.committed[0]?.offset, sync.fault?.code], [7, 'GROUP_SYNC_FAILED'])
  state.lost = false
  state.groups.set('g', [position(9)])
  await sync.step()
  assert.deepEqual([state.committed[0]?.offset, sync.status()[0]?.state], [9, 'in-step'])
})

test('a snapshot that the source has lost the end of is read anew', async () => {
  const { state, sync } = world()
  state.mirrored.end = 8
  await sync.step()
  state.highWatermark = 8
  state.groups.set('g', [position(8)])
  state.now = 6_000
  await sync.step()
  await sync.step()
  assert.equal(state.committed[0]?.offset, 8)
})

test('who does not surely hold its place writes no position', async () => {
  const { state, sync } = world()
  state.mirrored.end = 10
  state.mayWrite = false
  await sync.step()
  assert.deepEqual([state.committed.length, sync.fault?.code], [0, 'GROUP_SYNC_FAILED'])
  state.mayWrite = true
  await sync.step()
  await sync.step()
  assert.equal(state.committed[0]?.offset, 5)
})
