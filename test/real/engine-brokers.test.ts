import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { toolClass } from '../../src/engine/kafka/tool-names.ts'
import { makeCluster, scratchDirectory, stateReached } from './engine-support.ts'

const TIMEOUT_MS = 600_000
const VERSION = '4.3.1'

describe('a managed cluster of three brokers', { timeout: TIMEOUT_MS }, () => {
  test('keeps three copies and goes on without one of its brokers', async (t) => {
    const cluster = await makeCluster(t, { basePort: 20500, brokers: 3 })
    await cluster.start()
    const bootstrap = ['--bootstrap-server', cluster.clientAccess.bootstrap.join(',')]
    const run = async (name: Parameters<typeof toolClass>[0], args: readonly string[], input = '') => {
      const result = await cluster.javaTool(toolClass(name, VERSION), [...bootstrap, ...args], {
        input,
        timeoutMs: 120_000,
      })
      assert.equal(result.code, 0, result.stderr)
      return result.stdout
    }
    assert.equal(cluster.clientAccess.bootstrap.length, 3)
    await run('topics', ['--create', '--topic', 'copies', '--partitions', '3'])
    assert.match(await run('topics', ['--describe', '--topic', 'copies']), /ReplicationFactor: 3/)

    await cluster.stopNode(2)
    assert.equal(cluster.state.name, 'degraded')
    assert.deepEqual(
      cluster.nodes.map(({ state }) => state),
      ['running', 'stopped', 'running'],
    )
    await run(
      'console-producer',
      ['--topic', 'copies', '--command-property', 'acks=all'],
      'written with two\n',
    )

    await cluster.startNode(2)
    assert.equal(cluster.state.name, 'running')
    cluster.kill(3)
    await stateReached(cluster, ({ state }) => state.name === 'degraded')
    await stateReached(cluster, ({ state }) => state.name === 'running')
    const args = ['--topic', 'copies', '--from-beginning', '--max-messages', '1', '--timeout-ms', '100000']
    assert.equal((await run('console-consumer', args)).trim(), 'written with two')
  })

  test('can be made of one broker that grows', async (t) => {
    const directory = await scratchDirectory(t)
    const one = await makeCluster(t, { directory, basePort: 20520 })
    await one.start()
    await one.stop()
    const two = await makeCluster(t, { directory, basePort: 20520, brokers: 2 })
    await two.start()
    assert.equal(two.clusterId, one.clusterId)
    assert.deepEqual(
      two.nodes.map(({ state }) => state),
      ['running', 'running'],
    )
    await two.stop()
    const less = await makeCluster(t, { directory, basePort: 20520 })
    await assert.rejects(less.start(), { code: 'CLUSTER_CHANGED' })
  })
})
