import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Api,
  decodeResponseFrame,
  encodeRequestFrame,
  encodeResponseFrame,
  type Input,
} from '../../wire/api.ts'
import { Produce } from '../../wire/apis/000-produce.ts'
import { Fetch } from '../../wire/apis/001-fetch.ts'
import { Metadata } from '../../wire/apis/003-metadata.ts'
import { OffsetCommit } from '../../wire/apis/008-offset-commit.ts'
import { FindCoordinator } from '../../wire/apis/010-find-coordinator.ts'
import { ApiVersions } from '../../wire/apis/018-api-versions.ts'
import { DescribeConfigs } from '../../wire/apis/032-describe-configs.ts'
import { ConsumerGroupHeartbeat } from '../../wire/apis/068-consumer-group-heartbeat.ts'
import { apiVersionsAnswer, commonOffer } from './018-api-versions.ts'
import { needsChange, plainFetch } from './fetch.ts'
import { servedApi, servedApis } from './served.ts'
import { Slots } from './slots.ts'
import { TopicIds, virtualTopicId } from './topic-ids.ts'
import { View } from './view.ts'

const ORDERS = 'b8tRS7h4TJ2Vt43Dp85v2A'
const PORT = 9192

/** A cluster with brokers 4 and 7, seen through a route. */
function view(): View {
  const slots = new Slots({ host: 'front', port: PORT }, 3)
  assert.ok(slots.note([7, 4]))
  const topics = new TopicIds()
  topics.note('orders', ORDERS)
  return new View('virtual-cluster', slots, topics)
}

function rewritten<Req, Res>(api: Api<Req, Res>, version: number, body: Input<Res>, through = view()): Res {
  const frame = Buffer.concat(encodeResponseFrame(api, version, 9, body))
  const out = Buffer.concat(servedApi(api.key)!.answer!(frame, version, through))
  const { correlationId, body: seen } = decodeResponseFrame(api, version, out.subarray(4))
  assert.equal(correlationId, 9)
  return seen
}

for (const version of [4, 9, 13]) {
  test(`Metadata v${version}: nodes are slots, epochs are gone, topic ids go by name`, () => {
    const partition = { partitionIndex: 0, leaderId: 7, replicaNodes: [4, 7], isrNodes: [7] }
    const epochs = version >= 7 ? { leaderEpoch: 12 } : {}
    const ids = version >= 10 ? { topicId: ORDERS } : {}
    const seen = rewritten(Metadata, version, {
      clusterId: 'true-cluster',
      controllerId: 4,
      brokers: [
        { nodeId: 7, host: 'b', port: 2 },
        { nodeId: 4, host: 'a', port: 1 },
      ],
      topics: [{ name: 'orders', ...ids, partitions: [{ ...partition, ...epochs }] }],
    })
    const brokers = seen.brokers.map(({ nodeId, host, port }) => [nodeId, host, port])
    assert.deepEqual(brokers, [
      [2, 'front', PORT + 1],
      [1, 'front', PORT],
    ])
    assert.deepEqual([seen.clusterId, seen.controllerId], ['virtual-cluster', 1])
    const [topic] = seen.topics
    const { leaderId, leaderEpoch, replicaNodes, isrNodes } = topic!.partitions[0]!
    assert.deepEqual([leaderId, leaderEpoch, replicaNodes, isrNodes], [2, -1, [1, 2], [2]])
    if (version >= 10) assert.equal(topic!.topicId, virtualTopicId('orders'))
  })
}

test('a topic id is the same on every cluster, and comes back as the true one of each', () => {
  const other = new TopicIds()
  other.note('orders', 'AAAAAAAAAAAAAAAAAAAAAQ')
  assert.equal(other.toVirtual('AAAAAAAAAAAAAAAAAAAAAQ'), view().topics.toVirtual(ORDERS))
  assert.equal(view().topics.toTrue(virtualTopicId('orders')), ORDERS)
  other.note('orders', 'AAAAAAAAAAAAAAAAAAAAAg')
  assert.equal(other.toVirtual('AAAAAAAAAAAAAAAAAAAAAQ'), undefined, 'made again: the old id is nobody')
  assert.equal(other.toTrue(virtualTopicId('orders')), 'AAAAAAAAAAAAAAAAAAAAAg')
})

test('FindCoordinator: an address only where there is no error, in both forms', () => {
  const broker = { nodeId: 7, host: 'b', port: 2 }
  const single = rewritten(FindCoordinator, 2, { ...broker, errorCode: 0 })
  assert.deepEqual([single.nodeId, single.host, single.port], [2, 'front', PORT + 1])
  const list = rewritten(FindCoordinator, 6, {
    coordinators: [
      { key: 'g', ...broker },
      { key: 'h', nodeId: -1, host: '', port: -1, errorCode: 15 },
    ],
  }).coordinators
  assert.deepEqual(
    list.map(({ nodeId, host, port }) => [nodeId, host, port]),
    [
      [2, 'front', PORT + 1],
      [-1, '', -1],
    ],
  )
})

test('ConsumerGroupHeartbeat: members send one every two seconds at least', () => {
  for (const [said, told] of [
    [5_000, 2_000],
    [1_000, 1_000],
  ] as const) {
    assert.equal(
      rewritten(ConsumerGroupHeartbeat, 1, { heartbeatIntervalMs: said }).heartbeatIntervalMs,
      told,
    )
  }
})

test('ConsumerGroupHeartbeat: a group that is not found makes members join, and ids are virtual', () => {
  const missing = rewritten(ConsumerGroupHeartbeat, 1, { errorCode: 69 })
  assert.equal(missing.errorCode, 25)
  const assignment = { topicPartitions: [{ topicId: ORDERS, partitions: [1] }] }
  const seen = rewritten(ConsumerGroupHeartbeat, 1, { assignment })
  assert.equal(seen.assignment?.topicPartitions[0]?.topicId, virtualTopicId('orders'))
  const through = view()
  const unknown = { topicPartitions: [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAg', partitions: [1] }] }
  rewritten(ConsumerGroupHeartbeat, 1, { assignment: unknown }, through)
  assert.ok(through.missedTopic, 'somebody has to ask the cluster for its topics')
})

test('Produce: leaders that an answer names are slots', () => {
  const partition = { index: 0, errorCode: 6, currentLeader: { leaderId: 7, leaderEpoch: 3 } }
  const seen = rewritten(Produce, 12, {
    responses: [{ name: 'orders', partitionResponses: [partition] }],
    nodeEndpoints: [{ nodeId: 7, host: 'b', port: 2 }],
  })
  assert.deepEqual(
    { ...seen.responses[0]!.partitionResponses[0]!.currentLeader },
    { leaderId: 2, leaderEpoch: -1 },
  )
  const [endpoint] = seen.nodeEndpoints
  assert.deepEqual([endpoint?.nodeId, endpoint?.host, endpoint?.port], [2, 'front', PORT + 1])
})

test('settings of a broker are asked by its slot', () => {
  const body = {
    resources: [
      { resourceType: 4, resourceName: '2' },
      { resourceType: 2, resourceName: '2' },
    ],
  }
  const frame = Buffer.concat(
    encodeRequestFrame(DescribeConfigs, 4, { correlationId: 1, clientId: 'a' }, body),
  )
  const out = Buffer.concat(servedApi(32)!.request!(frame, view())).subarray(4 + 12)
  const seen = DescribeConfigs.request.decode(4, out)
  assert.deepEqual(
    seen.resources.map(({ resourceName }) => resourceName),
    ['7', '2'],
  )
})

test('a Fetch request that names a rack or a leader epoch is made plain, any other passes as it is', () => {
  const frame = (version: number, rackId: string, ...epochs: number[]) => {
    const partitions = epochs.map((currentLeaderEpoch, partition) => {
      return { partition, currentLeaderEpoch, fetchOffset: 7 }
    })
    const topics = epochs.length === 0 ? [] : [{ topic: 'orders', partitions }]
    const body = { rackId, topics, maxWaitMs: 500 }
    return Buffer.concat(encodeRequestFrame(Fetch, version, { correlationId: 1, clientId: 'a' }, body))
  }
  for (const version of [11, 12]) {
    for (const plain of [frame(version, ''), frame(version, '', -1, -1)])
      assert.equal(needsChange(plain, version), false)
    for (const other of [frame(version, 'r1'), frame(version, '', 0, 0), frame(version, 'r1', 3)]) {
      assert.equal(needsChange(other, version), true)
      const out = Buffer.concat(plainFetch.request!(other, view()))
      assert.equal(needsChange(out, version), false)
      assert.equal(out.length, other.length - (other.includes('r1') ? 2 : 0))
    }
  }
  assert.equal(needsChange(frame(10, ''), 10), false)
  assert.equal(needsChange(frame(9, '', 0), 9), true)
  assert.equal(needsChange(frame(7, '', -1), 7), false)
})

test('clients are offered what all brokers understand, and the caps of the gateway', () => {
  const spoken = (max: number, level: number) => ({
    apiKeys: [...servedApis.map(({ key }) => key), 999].map((apiKey) => ({
      apiKey,
      minVersion: 0,
      maxVersion: max,
    })),
    supportedFeatures: [{ name: 'transaction.version', minVersion: 0, maxVersion: 2 }],
    finalizedFeatures: [{ name: 'transaction.version', maxVersionLevel: level, minVersionLevel: level }],
  })
  const offer = commonOffer([spoken(20, 2), spoken(11, 1)])
  const range = (key: number) => offer.apiKeys.find(({ apiKey }) => apiKey === key)
  assert.deepEqual(range(0), { apiKey: 0, minVersion: 3, maxVersion: 11 })
  assert.equal(commonOffer([spoken(20, 2)]).apiKeys.find(({ apiKey }) => apiKey === 0)?.maxVersion, 12)
  assert.equal(range(999), undefined)
  assert.equal(offer.finalizedFeatures[0]?.maxVersionLevel, 1)
  const answer = (version: number) => Buffer.concat(apiVersionsAnswer(offer, version, 3)).subarray(4)
  assert.equal(decodeResponseFrame(ApiVersions, 3, answer(3)).body.errorCode, 0)
  const refusal = decodeResponseFrame(ApiVersions, 0, answer(99)).body
  assert.deepEqual([refusal.errorCode, refusal.apiKeys.length], [35, 1])
})

test('a broker keeps its slot, and a cluster that has fewer shares them', () => {
  const slots = new Slots({ host: 'front', port: PORT }, 3)
  slots.note([5])
  slots.note([1, 5])
  assert.deepEqual([slots.nodeOf(5), slots.nodeOf(1), slots.nodeOf(-1)], [1, 2, -1])
  assert.deepEqual([slots.brokerAt(0), slots.brokerAt(1), slots.brokerAt(2)], [5, 1, 5])
  assert.equal(slots.brokerOf(3), 5)
  assert.equal(slots.note([1, 2, 3, 5]), false)
})

test('a commit to a group that the cluster does not have yet makes its member join anew', () => {
  const answerWith = (errorCode: number) => ({
    topics: [{ name: 'orders', partitions: [{ partitionIndex: 0 }, { partitionIndex: 1, errorCode }] }],
  })
  const codesOf = (version: number, errorCode: number) =>
    rewritten(OffsetCommit, version, answerWith(errorCode)).topics[0]!.partitions.map((one) => one.errorCode)
  assert.deepEqual(codesOf(9, 69), [0, 25])
  assert.deepEqual(codesOf(9, 27), [0, 27])
  assert.deepEqual(codesOf(8, 22), [0, 22])
})
