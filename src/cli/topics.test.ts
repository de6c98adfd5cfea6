import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TopicMetadata } from '../client/metadata.ts'
import { pickPartitions, topicUnknown } from './topics.ts'

const partition = { leader: 1, leaderEpoch: 0, replicas: [1], isr: [1], offline: [], errorCode: 0 }
const topic: TopicMetadata = {
  name: 'orders',
  topicId: '',
  isInternal: false,
  partitions: [0, 1, 2].map((number) => ({ ...partition, partition: number })),
}

test('all partitions unless some are named, each once', () => {
  assert.deepEqual(pickPartitions(topic, []), [0, 1, 2])
  assert.deepEqual(pickPartitions(topic, [2, 0, 2]), [2, 0])
})

test('a partition that is not there is named with those that are', () => {
  assert.throws(() => pickPartitions(topic, [3]), {
    code: 'PARTITION_UNKNOWN',
    message: 'Topic orders has partitions 0 to 2, not 3',
  })
})

test('an unknown topic is told in a whole sentence, on one cluster and on several', () => {
  assert.equal(topicUnknown('x', ['seoul']).message, 'Cluster seoul has no topic "x"')
  assert.equal(topicUnknown('x', ['seoul', 'busan']).message, 'None of seoul, busan has a topic "x"')
  assert.equal(topicUnknown('x', ['seoul'], 'Did you mean y?').remedy, 'Did you mean y?')
})
