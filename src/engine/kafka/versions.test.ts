import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toolClass } from './tool-names.ts'
import {
  compareVersions,
  defaultKafkaVersion,
  javaMajorMax,
  kafkaArtifacts,
  kafkaVersion,
  kafkaVersions,
} from './versions.ts'

describe('the supported versions', () => {
  test('stand newest first, with the default among them', () => {
    const versions = kafkaVersions.map(({ version }) => version)
    assert.deepEqual(versions, versions.toSorted(compareVersions).reverse())
    assert.equal(kafkaVersion(defaultKafkaVersion).version, defaultKafkaVersion)
  })

  test('an unknown one is answered with the list', () => {
    assert.throws(
      () => kafkaVersion('4.3'),
      (error: Error) => kafkaVersions.every(({ version }) => error.message.includes(version)),
    )
  })

  test('each brings the broker, the tools, MirrorMaker 2 and a logging binding', () => {
    for (const entry of kafkaVersions) {
      const names = kafkaArtifacts(entry).map(({ artifact }) => artifact)
      for (const name of ['kafka_2.13', 'kafka-tools', 'connect-mirror']) assert.ok(names.includes(name))
      assert.ok(names.includes(entry.logging === 'log4j2' ? 'log4j-slf4j-impl' : 'slf4j-reload4j'))
    }
  })
})

test('compareVersions goes by numbers', () => {
  assert.ok(compareVersions('4.10.0', '4.9.9') > 0)
  assert.ok(compareVersions('3.9.2', '4.0.0') < 0)
  assert.equal(compareVersions('4.3.1-SNAPSHOT', '4.3.1'), 0)
})

test('Kafka before 4.0 does not run on the newest Java', () => {
  assert.equal(javaMajorMax('3.9.2'), 23)
  assert.equal(javaMajorMax('4.3.1'), Number.POSITIVE_INFINITY)
})

test('tools that moved in 4.0 are found on both sides', () => {
  assert.equal(toolClass('acls', '3.9.2'), 'kafka.admin.AclCommand')
  assert.equal(toolClass('acls', '4.0.0'), 'org.apache.kafka.tools.AclCommand')
  assert.equal(toolClass('topics', '3.9.2'), toolClass('topics', '4.3.1'))
})
