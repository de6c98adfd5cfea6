import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { brokerProperties } from './properties.ts'
import type { ManagedClusterSpec } from './spec.ts'
import { checkSpec } from './spec.ts'
import type { ClusterRecord } from './state-file.ts'

function spec(extra: Partial<ManagedClusterSpec> = {}): ManagedClusterSpec {
  const kafka = { version: '4.3.1' }
  return { name: 'seoul', directory: '/d', kafka, brokers: 1, basePort: 19092, security: false, ...extra }
}

function record(brokers: number, extra: Partial<ClusterRecord> = {}): ClusterRecord {
  const nodes = Array.from({ length: brokers }, (_, at) => ({
    id: at + 1,
    port: 19092 + at,
    controllerPort: at < 3 ? 19192 + at : null,
  }))
  const known = {
    name: 'seoul',
    clusterId: 'id',
    kafkaVersion: '4.3.1',
    security: false,
    basePort: 19092,
    nodes,
  }
  return { format: 1, ...known, ...extra }
}

function propertiesOf(
  brokers: number,
  extra: { spec?: Partial<ManagedClusterSpec>; record?: Partial<ClusterRecord> } = {},
) {
  const whole = record(brokers, extra.record)
  return brokerProperties(spec({ brokers, ...extra.spec }), whole, whole.nodes.at(-1)!, '/d/node/data')
}

describe('brokerProperties', () => {
  test('one broker is its own controller, on the loopback only, and keeps single copies', () => {
    const properties = propertiesOf(1)
    assert.equal(properties['process.roles'], 'broker,controller')
    assert.equal(properties.listeners, 'CLIENT://127.0.0.1:19092,CONTROLLER://127.0.0.1:19192')
    assert.equal(properties['advertised.listeners'], 'CLIENT://127.0.0.1:19092')
    assert.equal(properties['controller.quorum.voters'], '1@127.0.0.1:19192')
    assert.equal(properties['offsets.topic.replication.factor'], '1')
    assert.equal(properties['auto.create.topics.enable'], 'false')
    assert.equal(properties['producer.id.expiration.ms'], undefined)
  })

  test('three brokers keep three copies and need two in sync', () => {
    const properties = propertiesOf(3)
    assert.equal(properties['default.replication.factor'], '3')
    assert.equal(properties['transaction.state.log.min.isr'], '2')
    assert.equal(properties['min.insync.replicas'], '2')
  })

  test('a fourth broker is no controller', () => {
    const properties = propertiesOf(4)
    assert.equal(properties['process.roles'], 'broker')
    assert.equal(properties.listeners, 'CLIENT://127.0.0.1:19095')
    assert.equal(
      properties['controller.quorum.voters'],
      '1@127.0.0.1:19192,2@127.0.0.1:19193,3@127.0.0.1:19194',
    )
  })

  test('a forwarded broker listens once more, and tells clients of there the other address', () => {
    const forwarded = { 1: { port: 19_300, advertised: 'far.example:9092' } }
    const properties = propertiesOf(1, { spec: { forwarded } })
    const open = 'CLIENT://127.0.0.1:19092'
    const inner = 'FORWARDED://127.0.0.1:19300'
    assert.equal(properties.listeners, `${open},${inner},CONTROLLER://127.0.0.1:19192`)
    assert.equal(properties['advertised.listeners'], `${open},FORWARDED://far.example:9092`)
    assert.match(properties['listener.security.protocol.map']!, /,FORWARDED:PLAINTEXT$/)
    assert.equal(propertiesOf(2, { spec: { forwarded } })['advertised.listeners'], 'CLIENT://127.0.0.1:19093')
  })

  test('security changes the protocol of both listeners', () => {
    const { 'listener.security.protocol.map': map } = propertiesOf(1, { record: { security: true } })
    assert.equal(map, 'CLIENT:SASL_SSL,CONTROLLER:SASL_SSL')
  })

  test('share groups are not set up where Kafka does not know them', () => {
    const key = 'share.coordinator.state.topic.replication.factor'
    assert.equal(propertiesOf(1)[key], '1')
    assert.equal(propertiesOf(1, { record: { kafkaVersion: '3.9.2' } })[key], undefined)
  })

  test('the cleaner gets a share of the heap between 2 MiB and its default of 128 MiB', () => {
    const of = (heapMiB: number) => propertiesOf(1, { spec: { heapMiB } })['log.cleaner.dedupe.buffer.size']
    assert.deepEqual([of(128), of(1024), of(65_536)], ['2097152', '16777216', '134217728'])
  })

  test('the operator’s settings win, except those that kmc decides', () => {
    const config = { 'auto.create.topics.enable': 'true', 'log.retention.hours': '1' }
    const properties = propertiesOf(1, { spec: { config } })
    assert.equal(properties['auto.create.topics.enable'], 'true')
    assert.equal(properties['log.retention.hours'], '1')
    for (const key of ['node.id', 'listeners', 'log.dirs', 'controller.quorum.voters']) {
      const refused = () => propertiesOf(1, { spec: { config: { [key]: 'x' } } })
      assert.throws(refused, { code: 'CLUSTER_CONFIG_RESERVED' })
    }
  })

  test('the settings of security are reserved where kmc makes them, and free elsewhere', () => {
    const config = { 'ssl.keystore.location': '/x' }
    assert.equal(propertiesOf(1, { spec: { config } })['ssl.keystore.location'], '/x')
    assert.throws(() => propertiesOf(1, { spec: { config, security: true } }), {
      code: 'CLUSTER_CONFIG_RESERVED',
    })
  })
})

test('checkSpec names what cannot work', () => {
  checkSpec(spec())
  const wrong = [
    { brokers: 0 },
    { brokers: 1.5 },
    { basePort: 80 },
    { basePort: 65_535 },
    { heapMiB: 10 },
    { directory: '/a,b' },
  ]
  for (const extra of wrong) assert.throws(() => checkSpec(spec(extra)), { code: 'CLUSTER_SPEC_INVALID' })
})
