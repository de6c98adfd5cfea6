import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { Metadata, type MetadataResponse } from '../wire/apis/003-metadata.ts'
import { MetadataCache } from './metadata.ts'

const ID_A = 'AAAAAAAAAAAAAAAAAAAAAQ'
const ID_B = 'AAAAAAAAAAAAAAAAAAAAAg'

type Leaders = readonly (readonly [partition: number, leader: number, epoch: number])[]

function answer(
  topics: Record<string, { id?: string; leaders?: Leaders; error?: number }>,
  brokers = [1, 2],
) {
  const version = Metadata.versions.max
  const chunks = Metadata.response.encode(version, {
    clusterId: 'c',
    controllerId: 1,
    brokers: brokers.map((nodeId) => ({ nodeId, host: `b${nodeId}`, port: 9092 })),
    topics: Object.entries(topics).map(([name, { id = ID_A, leaders = [], error = 0 }]) => ({
      name,
      topicId: id,
      errorCode: error,
      partitions: leaders.map(([partitionIndex, leaderId, leaderEpoch]) => {
        return { partitionIndex, leaderId, leaderEpoch, replicaNodes: [1, 2], isrNodes: [1] }
      }),
    })),
  })
  return Metadata.response.decode(version, Buffer.concat(chunks)) as MetadataResponse
}

function cacheWith(...args: Parameters<typeof answer>): MetadataCache {
  const cache = new MetadataCache()
  cache.apply(answer(...args), 'all')
  return cache
}

test('brokers, controller, topics and leaders are found', () => {
  const cache = cacheWith({
    orders: {
      leaders: [
        [1, 2, 5],
        [0, 1, 4],
      ],
    },
  })
  assert.deepEqual(cache.broker(2), { nodeId: 2, host: 'b2', port: 9092, rack: null })
  assert.equal(cache.controllerId, 1)
  assert.deepEqual([cache.leaderOf('orders', 0), cache.leaderOf('orders', 1)], [1, 2])
  assert.equal(cache.topic('orders')?.topicId, ID_A)
  assert.deepEqual(
    cache.topic('orders')?.partitions.map(({ partition }) => partition),
    [0, 1],
  )
})

test('without a leader there is none', () => {
  const cache = cacheWith({
    orders: {
      leaders: [
        [0, -1, 4],
        [3, 1, 0],
      ],
    },
  })
  assert.equal(cache.leaderOf('orders', 0), null)
  assert.equal(cache.leaderOf('orders', 1), null)
  assert.equal(cache.leaderOf('orders', 3), 1)
  assert.equal(cache.leaderOf('nothing', 0), null)
})

describe('what was asked and is not there', () => {
  test('is forgotten, with the reason', () => {
    const cache = cacheWith({ a: { leaders: [[0, 1, 0]] }, b: { leaders: [[0, 1, 0]] } })
    cache.apply(answer({ a: { error: 29 } }), new Set(['a']))
    assert.equal(cache.topic('a'), undefined)
    assert.equal(cache.faultOf('a'), 29)
    assert.equal(cache.leaderOf('b', 0), 1)
    assert.equal(cache.faultOf('never asked'), 3)
  })

  test('is forgotten when all topics were asked', () => {
    const cache = cacheWith({ a: {}, b: {} })
    cache.apply(answer({ b: {} }), 'all')
    assert.deepEqual(
      cache.topics.map(({ name }) => name),
      ['b'],
    )
  })

  test('comes back when it is there again', () => {
    const cache = cacheWith({})
    cache.apply(answer({ a: { error: 3 } }), new Set(['a']))
    cache.apply(answer({ a: { leaders: [[0, 2, 0]] } }), new Set(['a']))
    assert.equal(cache.leaderOf('a', 0), 2)
  })
})

describe('a broker that lags behind', () => {
  test('does not bring an old leader back', () => {
    const cache = cacheWith({ a: { leaders: [[0, 2, 5]] } })
    cache.apply(answer({ a: { leaders: [[0, 1, 4]] } }), 'all')
    assert.equal(cache.leaderOf('a', 0), 2)
    cache.apply(answer({ a: { leaders: [[0, 1, 6]] } }), 'all')
    assert.equal(cache.leaderOf('a', 0), 1)
  })

  test('is believed when the topic was made anew', () => {
    const cache = cacheWith({ a: { leaders: [[0, 2, 5]] } })
    cache.apply(answer({ a: { id: ID_B, leaders: [[0, 1, 0]] } }), 'all')
    assert.equal(cache.leaderOf('a', 0), 1)
  })
})

test('a leader named in passing counts when it is newer and known', () => {
  const cache = cacheWith({
    a: {
      leaders: [
        [0, 1, 5],
        [1, 1, 5],
      ],
    },
  })
  cache.noteLeader('a', 0, 2, 6)
  cache.noteLeader('a', 1, 2, 5)
  cache.noteLeader('a', 1, 9, 7)
  cache.noteLeader('unknown', 0, 2, 7)
  assert.deepEqual([cache.leaderOf('a', 0), cache.leaderOf('a', 1)], [2, 1])
})
