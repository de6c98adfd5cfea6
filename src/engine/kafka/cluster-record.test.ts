import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { ephemeralPorts } from '../ports.ts'
import { ensureClusterRecord, recordFile } from './cluster-record.ts'
import type { ManagedClusterSpec } from './spec.ts'
import { parseClusterRecord, randomUuid, readClusterRecord } from './state-file.ts'

async function makeSpec(
  t: TestContext,
  extra: Partial<ManagedClusterSpec> = {},
): Promise<ManagedClusterSpec> {
  const directory = await mkdtemp(join(tmpdir(), 'kmc-record-'))
  t.after(() => rm(directory, { recursive: true, force: true }))
  const [basePort = 0] = await ephemeralPorts(1)
  return {
    name: 'c',
    directory,
    kafka: { version: '4.3.1' },
    brokers: 1,
    basePort,
    security: false,
    ...extra,
  }
}

describe('what is remembered of a cluster', () => {
  test('is made once and then stays', async (t) => {
    const spec = await makeSpec(t, { brokers: 4 })
    const made = await ensureClusterRecord(spec, '4.3.1')
    assert.deepEqual(
      made.nodes.map(({ id, controllerPort }) => [id, controllerPort !== null]),
      [
        [1, true],
        [2, true],
        [3, true],
        [4, false],
      ],
    )
    const ports = made.nodes.flatMap(({ port, controllerPort }) =>
      controllerPort === null ? [port] : [port, controllerPort],
    )
    assert.equal(new Set(ports).size, 7)
    assert.deepEqual(await ensureClusterRecord(spec, '4.3.1'), made)
    assert.deepEqual(await readClusterRecord(recordFile(spec.directory)), made)
  })

  test('follows a newer Kafka, another port and more brokers, whose quorum stays', async (t) => {
    const spec = await makeSpec(t)
    const made = await ensureClusterRecord(spec, '3.9.2')
    const [basePort = 0] = await ephemeralPorts(1)
    const grown = await ensureClusterRecord({ ...spec, basePort, brokers: 3 }, '4.3.1')
    assert.deepEqual(
      [grown.clusterId, grown.kafkaVersion, grown.basePort],
      [made.clusterId, '4.3.1', basePort],
    )
    assert.deepEqual(
      grown.nodes.map(({ id, controllerPort }) => [id, controllerPort !== null]),
      [
        [1, true],
        [2, false],
        [3, false],
      ],
    )
    assert.ok(grown.nodes.every(({ port }) => port >= basePort))
  })

  test('does not follow what would lose data', async (t) => {
    const spec = await makeSpec(t, { brokers: 2 })
    await ensureClusterRecord(spec, '4.1.0')
    await assert.rejects(ensureClusterRecord({ ...spec, brokers: 1 }, '4.1.0'), { code: 'CLUSTER_CHANGED' })
    await assert.rejects(ensureClusterRecord({ ...spec, security: true }, '4.1.0'), {
      code: 'CLUSTER_CHANGED',
    })
    await assert.rejects(ensureClusterRecord(spec, '4.0.2'), { code: 'KAFKA_DOWNGRADE' })
  })

  test('that cannot be read is never taken for a new cluster', async (t) => {
    const spec = await makeSpec(t)
    for (const text of ['', '{}', 'null', '{"format":2}', '{"format":1,"nodes":[null]}']) {
      assert.equal(parseClusterRecord(text), undefined)
      await writeFile(recordFile(spec.directory), text)
      await assert.rejects(ensureClusterRecord(spec, '4.3.1'), { code: 'CLUSTER_STATE_UNREADABLE' })
    }
  })
})

test('randomUuid is a Kafka uuid that no command line takes for an option', () => {
  for (let count = 0; count < 2000; count++) {
    const uuid = randomUuid()
    assert.match(uuid, /^[A-Za-z0-9_][A-Za-z0-9_-]{21}$/)
    assert.equal(Buffer.from(uuid, 'base64url').length, 16)
  }
})
