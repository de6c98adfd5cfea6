import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PartitionMetadata, TopicMetadata } from '../../client/metadata.ts'
import { Kept } from './aged.ts'
import { type FindingKind, healthOf } from './health.ts'
import type { BrokersView, DisksView, QuorumView, TopicsView } from './view.ts'

const NOW = 1_000_000

function broker(nodeId: number, isFenced = false): BrokersView['brokers'][number] {
  return { nodeId, host: 'h', port: 9092, rack: null, isFenced }
}

function known<T>(value: T): { value: T; at: number; trouble: null } {
  return { value, at: NOW, trouble: null }
}

const partition: PartitionMetadata = {
  ...{ partition: 0, leader: 1, leaderEpoch: 0, errorCode: 0 },
  ...{ replicas: [1, 2], isr: [1, 2], offline: [] },
}
const topic: TopicMetadata = { name: 'orders', topicId: '', isInternal: false, partitions: [partition] }
const none = { underReplicated: [], offline: [], underMinIsr: [] }
const topics: TopicsView = { topics: new Map([['orders', topic]]), partitions: 1, ...none }
const replica = { nodeId: 1, lagRecords: 0, behindMs: 0 }
const quorum: QuorumView = { kind: 'kraft', leaderId: 1, leaderEpoch: 3, voters: [replica], observers: [] }
const disks: DisksView = { dirs: [], missing: [], topicBytes: new Map() }
const brokers: BrokersView = { clusterId: 'c', controllerId: 1, brokers: [broker(1), broker(2)] }

type Parts = { brokers: BrokersView; topics: TopicsView; quorum: QuorumView; disks: DisksView }

function kinds(changed: Partial<Parts>): FindingKind[] {
  const all = { brokers, topics, quorum, disks, ...changed }
  const facts = {
    brokers: known(all.brokers),
    topics: known(all.topics),
    quorum: known(all.quorum),
    disks: known(all.disks),
  }
  return healthOf(facts).map(({ kind }) => kind)
}

test('a cluster in which nothing is wrong has no findings', () => {
  assert.deepEqual(kinds({}), [])
})

test('each fault is found', () => {
  const ref = [{ topic: 'orders', partition: 0 }]
  const dir = { nodeId: 2, path: '/data', totalBytes: null, usableBytes: null, logBytes: 0, replicas: 0 }
  assert.deepEqual(kinds({ brokers: { ...brokers, brokers: [broker(1)] } }), ['broker-down'])
  assert.deepEqual(kinds({ brokers: { ...brokers, brokers: [broker(1), broker(2, true)] } }), [
    'broker-fenced',
  ])
  assert.deepEqual(kinds({ topics: { ...topics, underReplicated: ref } }), ['under-replicated'])
  assert.deepEqual(kinds({ topics: { ...topics, offline: ref } }), ['offline'])
  assert.deepEqual(kinds({ topics: { ...topics, underMinIsr: ref } }), ['under-min-isr'])
  assert.deepEqual(kinds({ quorum: { ...quorum, leaderId: null } as QuorumView }), ['no-controller'])
  const late = { ...replica, nodeId: 2, behindMs: 60_000 }
  assert.deepEqual(kinds({ quorum: { ...quorum, voters: [replica, late] } as QuorumView }), ['quorum-behind'])
  const zookeeper = { quorum: { kind: 'zookeeper' } as const, brokers: { ...brokers, controllerId: null } }
  assert.deepEqual(kinds(zookeeper), ['no-controller'])
  assert.deepEqual(kinds({ disks: { ...disks, missing: [{ nodeId: 2, why: 'no' }] } }), ['disk-unknown'])
  assert.deepEqual(kinds({ disks: { ...disks, dirs: [{ ...dir, fault: 'offline' }] } }), ['disk-failed'])
})

test('of many partitions all are counted and the first are named', () => {
  const underReplicated = Array.from({ length: 100 }, (_, at) => ({ topic: 'orders', partition: at }))
  const facts = { brokers: known(brokers), quorum: known(quorum), disks: known(disks) }
  const [finding] = healthOf({ ...facts, topics: known({ ...topics, underReplicated }) })
  assert.deepEqual([finding?.count, finding?.examples.length, finding?.examples[1]], [100, 20, 'orders-1'])
})

test('a cluster that cannot be asked is told with the reason, and keeps what was known', () => {
  const kept = new Kept<BrokersView>()
  kept.took(brokers, NOW)
  kept.failed(new Error('no answer'), NOW + 10)
  kept.failed(new Error('still none'), NOW + 20)
  const { value, at, trouble } = kept.aged
  assert.deepEqual([value, at, trouble?.since, trouble?.message], [brokers, NOW, NOW + 10, 'still none'])
  const facts = { topics: known(topics), quorum: known(quorum), disks: known(disks) }
  const [finding] = healthOf({ ...facts, brokers: kept.aged })
  assert.deepEqual([finding?.kind, finding?.examples], ['unreachable', ['still none']])
  kept.took(brokers, NOW + 30)
  assert.equal(kept.aged.trouble, null)
})
