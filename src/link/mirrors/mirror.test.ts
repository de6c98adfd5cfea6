import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MirrorRecord } from '../state/records.ts'
import { Mirror, type MirrorContext } from './mirror.ts'
import type { TopicInfo } from './port.ts'

const source: TopicInfo = { name: 't', id: 'source-id', partitions: 1 }

/** A destination that remembers what happened, in order; `holds` is what the mirror's log already has. */
function world(options: { readonly holds?: number; readonly refuse?: () => boolean } = {}) {
  const events: string[] = []
  const records: MirrorRecord[] = []
  const context = {
    link: 'l',
    start: { at: 'earliest' },
    writer: { producerId: 1, producerEpoch: 0, generation: 1 },
    source: { configs: async () => new Map(), startOffsets: async () => [0] },
    destination: {
      configs: async () => new Map(),
      changeConfigs: async () => {},
      create: async () => {
        if (options.refuse?.()) throw new Error('not now')
        events.push('created')
      },
      ready: async () => ({ name: 'p.t', id: 'mirror-id', partitions: 1 }),
      logRanges: async () => [{ start: 0, end: options.holds ?? 0 }],
    },
    save: async (record: MirrorRecord) => {
      events.push(`noted ${record.state} ${record.mirrorTopicId}`)
      records.push(record)
    },
  } as unknown as MirrorContext
  return { events, records, mirror: new Mirror({ topic: 't', mirror: 'p.t' }, null, context), context }
}

test('a mirror is noted before its topic is there', async () => {
  const { events, mirror } = world()
  await mirror.follow(source, null)
  assert.deepEqual(events, ['noted seeding ', 'created', 'noted seeding mirror-id', 'noted active mirror-id'])
  assert.equal(mirror.fault, null)
  assert.equal(mirror.readyPartitions, 1)
})

test('a topic that cannot be made yet is noted once, and made later', async () => {
  let refusals = 2
  const { events, mirror } = world({ refuse: () => refusals-- > 0 })
  await mirror.follow(source, null)
  assert.equal(mirror.fault?.code, 'MIRROR_FAILED')
  await mirror.follow(source, null)
  await mirror.follow(source, null)
  assert.deepEqual(events, ['noted seeding ', 'created', 'noted seeding mirror-id', 'noted active mirror-id'])
})

test('a note of a mirror that was never made is no claim to what somebody else wrote there', async () => {
  const first = world({ refuse: () => true })
  await first.mirror.follow(source, null)
  const { context } = world({ holds: 7 })
  const next = new Mirror({ topic: 't', mirror: 'p.t' }, first.records.at(-1)!, context)
  await next.follow(source, { name: 'p.t', id: 'theirs', partitions: 1 })
  assert.equal(next.fault?.code, 'MIRROR_NOT_EMPTY')
  assert.equal(next.readyPartitions, 0)
})

test('a source topic that was made again before it had a mirror is simply the source topic', async () => {
  const first = world({ refuse: () => true })
  await first.mirror.follow(source, null)
  const { context } = world()
  const next = new Mirror({ topic: 't', mirror: 'p.t' }, first.records.at(-1)!, context)
  await next.follow({ ...source, id: 'another' }, null)
  assert.equal(next.fault, null)
})

test('damage outlives the worker that found it, and goes with the mirror', async () => {
  const { records, mirror, context } = world()
  await mirror.follow(source, null)
  const found = { code: 'DIVERGED', message: 'm', remedy: 'r', evidence: { expected: 5 }, since: 7 }
  await mirror.notes.damaged(0, found)
  await mirror.notes.damaged(0, { ...found, message: 'again' })
  const next = new Mirror({ topic: 't', mirror: 'p.t' }, records.at(-1)!, context)
  assert.deepEqual({ ...next.notes.damageTo(0), remedy: 'r' }, found)
  assert.match(next.notes.damageTo(0)!.remedy, /reseed.*delete the mirror/)
  assert.equal(next.notes.damageTo(1), null)
  next.forget()
  await next.follow(source, null)
  assert.deepEqual([next.notes.damageTo(0), records.at(-1)!.damage], [null, []])
})
