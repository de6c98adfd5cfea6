import assert from 'node:assert/strict'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { cacheDirectory } from '../../src/engine/cache-directory.ts'
import type { ManagedCluster } from '../../src/engine/kafka/cluster.ts'
import { ensureKafka } from '../../src/engine/kafka/jars.ts'
import { toolClass } from '../../src/engine/kafka/tool-names.ts'
import { makeCluster, scratchDirectory, stateReached } from './engine-support.ts'

const TIMEOUT_MS = 600_000

describe('a managed cluster', { timeout: TIMEOUT_MS }, () => {
  for (const [version, basePort] of [['4.3.1', 20300] as const, ['3.9.2', 20310] as const]) {
    test(`${version} keeps id, address and records over stop and start`, async (t) => {
      const directory = await scratchDirectory(t)
      const first = await makeCluster(t, { directory, basePort, kafka: { version } })
      await first.start()
      assert.equal(first.state.name, 'running')
      const { clusterId, clientAccess } = first
      await createTopic(first, 'kept')
      await produce(first, 'kept', ['one', 'two', 'three'])
      await first.stop()
      assert.equal(first.state.name, 'stopped')

      const second = await makeCluster(t, { directory, basePort, kafka: { version } })
      assert.equal(await second.load(), true)
      assert.deepEqual([second.clusterId, second.clientAccess], [clusterId, clientAccess])
      await second.start()
      assert.deepEqual([second.clusterId, second.clientAccess], [clusterId, clientAccess])
      assert.deepEqual(await consume(second, 'kept', 3), ['one', 'two', 'three'])
    })
  }

  test('starts a broker again that was killed from outside, and its records are there', async (t) => {
    const cluster = await makeCluster(t, { basePort: 20320 })
    await cluster.start()
    await createTopic(cluster, 'survivors')
    await produce(cluster, 'survivors', ['before'])
    const before = cluster.nodes[0]?.pid
    cluster.kill(1)
    await stateReached(cluster, ({ state }) => state.name === 'degraded')
    assert.match(cluster.state.reason ?? '', /SIGKILL/)
    await stateReached(cluster, ({ state }) => state.name === 'running')
    assert.notEqual(cluster.nodes[0]?.pid, before)
    assert.equal(cluster.nodes[0]?.restarts, 1)
    assert.deepEqual(await consume(cluster, 'survivors', 1), ['before'])
  })

  test('gives up on a broker that cannot come back and says why', async (t) => {
    const policy = { crashesMax: 1, backoffMinMs: 10 }
    const cluster = await makeCluster(t, { basePort: 20330 }, { policy })
    await cluster.start()
    await rm(join(cluster.spec.directory, 'node-1', 'data', 'meta.properties'))
    cluster.kill()
    await stateReached(cluster, ({ state }) => state.name === 'failed')
    assert.match(cluster.state.reason ?? '', /ended 2 times .* meta\.properties is missing/)
  })

  test('does not start a broker again that the operator stopped', async (t) => {
    const cluster = await makeCluster(t, { basePort: 20340 })
    await cluster.start()
    const states: string[] = []
    cluster.on('change', (state) => states.push(state.name))
    await cluster.stop()
    assert.deepEqual([...new Set(states)], ['stopping', 'stopped'])
    assert.deepEqual(
      cluster.nodes.map(({ state, pid }) => [state, pid]),
      [['stopped', null]],
    )
  })

  test('can be stopped while it is being started', async (t) => {
    const cluster = await makeCluster(t, { basePort: 20350 })
    const started = assert.rejects(cluster.start(), { code: 'CLUSTER_STOPPED' })
    while (cluster.nodes[0]?.pid == null) await sleep(5)
    await cluster.stop()
    await started
    assert.equal(cluster.state.name, 'stopped')
  })

  test('runs an unpacked Kafka that `home:` names', async (t) => {
    // The cache's own folder of a version is laid out like one.
    await ensureKafka({ version: '4.3.1' }, { cacheDirectory: cacheDirectory() })
    const kafka = { home: join(cacheDirectory(), 'kafka', '4.3.1') }
    const cluster = await makeCluster(t, { basePort: 20370, kafka }, { archive: 'none' })
    await cluster.start()
    assert.equal(cluster.state.name, 'running')
  })

  test('keeps its log in a file that its state names', async (t) => {
    const cluster = await makeCluster(t, { basePort: 20360 })
    await cluster.start()
    const log = await readFile(cluster.nodes[0]?.log ?? '', 'utf8')
    assert.match(log, /Transition from STARTING to STARTED/)
  })
})

async function createTopic(cluster: ManagedCluster, topic: string): Promise<void> {
  await tool(cluster, 'topics', ['--create', '--topic', topic])
}

async function produce(cluster: ManagedCluster, topic: string, lines: readonly string[]): Promise<void> {
  await tool(cluster, 'console-producer', ['--topic', topic], `${lines.join('\n')}\n`)
}

async function consume(cluster: ManagedCluster, topic: string, count: number): Promise<string[]> {
  const args = [
    '--topic',
    topic,
    '--from-beginning',
    '--max-messages',
    String(count),
    '--timeout-ms',
    '100000',
  ]
  return (await tool(cluster, 'console-consumer', args)).trim().split('\n')
}

async function tool(
  cluster: ManagedCluster,
  name: Parameters<typeof toolClass>[0],
  args: readonly string[],
  input = '',
): Promise<string> {
  const { kafka } = cluster.spec
  const version = 'version' in kafka ? kafka.version : ''
  const bootstrap = ['--bootstrap-server', cluster.clientAccess.bootstrap.join(',')]
  const result = await cluster.javaTool(toolClass(name, version), [...bootstrap, ...args], {
    input,
    timeoutMs: 120_000,
  })
  assert.equal(result.code, 0, result.stderr)
  return result.stdout
}
