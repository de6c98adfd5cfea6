import assert from 'node:assert/strict'
import { test } from 'node:test'
import { billing } from '../testing/facts.ts'
import { recognise } from './applications.ts'
import type { Traces } from './care.ts'

function found(traces: Partial<Traces>): string[] {
  const all = recognise({ topics: [], groups: [], transactions: [], ...traces })
  return all.map(({ application, name }) => `${application} ${name}`)
}

const transaction = (transactionalId: string) => {
  return { transactionalId, producerId: 1, state: 'Empty', timeoutMs: null, startedAt: null, partitions: [] }
}

test('Flink by the ids of its sinks, which are not those of Streams or Connect', () => {
  const ids = [
    'fx-0-8',
    'fx-1-8',
    'wc-5f0c9c1e-8d1c-4b0e-9a53-1d1f5f8d2f11-1',
    'connect-cluster-app',
    'app-source-0',
  ]
  assert.deepEqual(found({ transactions: ids.map(transaction) }), ['flink fx'])
})

test('Kafka Streams by topics of its group, by the stream time in its positions, and by its protocol', () => {
  const at = (group: string, metadata: string | null) => {
    return { ...billing, group, positions: [{ topic: 'in', partition: 0, offset: 1, metadata }] }
  }
  assert.deepEqual(found({ groups: [at('wc', null), billing], topics: ['wc-counts-changelog'] }), [
    'kafka-streams wc',
  ])
  const time = Buffer.alloc(9)
  time[0] = 2
  time.writeBigInt64BE(1_800_000_000_000n, 1)
  assert.deepEqual(found({ groups: [at('wc', time.toString('base64')), at('x', 'a note of my own')] }), [
    'kafka-streams wc',
  ])
  assert.deepEqual(found({ groups: [{ ...billing, type: 'streams' }] }), ['kafka-streams billing'])
})

test('Connect, Debezium, registries, Spark and share groups by their names and protocols', () => {
  const topics = [
    'connect-offsets',
    '__debezium-heartbeat.pg',
    'schema-changes.pg',
    'kafkasql-journal',
    '_schemas',
    'offsets',
  ]
  const groups = [
    { ...billing, group: 'workers', protocolType: 'connect' },
    { ...billing, group: 'spark-kafka-source-1' },
    { ...billing, group: 'queue', type: 'share' },
  ]
  assert.deepEqual(found({ topics, groups }), [
    'kafka-connect workers',
    'debezium pg',
    'apicurio kafkasql-journal',
    'schema-registry _schemas',
    'spark spark-kafka-source-1',
    'share-group queue',
  ])
})

test('plain topics and groups are no application of these', () => {
  assert.deepEqual(
    found({
      topics: ['orders', 'config', 'status'],
      groups: [billing],
      transactions: [transaction('pay-1')],
    }),
    [],
  )
})
