import assert from 'node:assert/strict'
import { once } from 'node:events'
import { cp, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { describe, test } from 'node:test'
import { KmcError } from '../../src/base/error.ts'
import { cacheDirectory } from '../../src/engine/cache-directory.ts'
import { findJava } from '../../src/engine/java.ts'
import { archiveFile } from '../../src/engine/kafka/archive.ts'
import { trainArchive, trainingsEnded } from '../../src/engine/kafka/archive-training.ts'
import type { ManagedCluster } from '../../src/engine/kafka/cluster.ts'
import { ensureCheckpoint } from '../../src/engine/kafka/format.ts'
import { ensureKafka } from '../../src/engine/kafka/jars.ts'
import { answersApiVersions, atEnd, makeCluster, rememberingLog, scratchDirectory } from './engine-support.ts'

const TIMEOUT_MS = 600_000

describe('a managed cluster that cannot start says why', { timeout: TIMEOUT_MS }, () => {
  test('a port that was free at first and is taken now, with the process that holds it', async (t) => {
    const directory = await scratchDirectory(t)
    const first = await makeCluster(t, { directory, basePort: 20400 })
    await first.start()
    await first.stop()
    await holdPort(t, portOf(first))
    const error = await failureOf(await makeCluster(t, { directory, basePort: 20400 }))
    assert.equal(error.code, 'PORT_TAKEN')
    assert.match(error.message, new RegExp(`Port ${portOf(first)}, .* is taken by process ${process.pid}`))
    assert.match(error.remedy ?? '', /`port:`/)
    // The operator's way out: another port, and the data are still there.
    const moved = await makeCluster(t, { directory, basePort: 20405 })
    await moved.start()
    assert.equal(moved.clusterId, first.clusterId)
    assert.notEqual(portOf(moved), portOf(first))
  })

  test('ports that are taken at the first start are left out', async (t) => {
    await holdPort(t, 20410)
    const cluster = await makeCluster(t, { basePort: 20410 })
    await cluster.start()
    assert.equal(portOf(cluster), 20411)
  })

  test('a wrong broker setting, in the words of Kafka', async (t) => {
    const config = { 'num.network.threads': 'many' }
    const error = await failureOf(await makeCluster(t, { basePort: 20420, config }))
    assert.equal(error.code, 'ENGINE_START_FAILED')
    assert.equal(error.context.cause, 'BAD_CONFIG')
    assert.match(error.message, /Invalid value many for configuration num\.network\.threads/)
    assert.match(error.message, /Its log is .*server\.log\nThe end of its log:\n/)
    assert.match(await readFile(String(error.context.log), 'utf8'), /ConfigException/)
  })

  test('too little memory', async (t) => {
    const config = { 'log.cleaner.dedupe.buffer.size': '134217728' }
    const error = await failureOf(await makeCluster(t, { basePort: 20430, config, heapMiB: 128 }))
    assert.deepEqual([error.code, error.context.cause], ['ENGINE_START_FAILED', 'OUT_OF_MEMORY'])
    assert.match(error.remedy ?? '', /`heap:`/)
  })

  test('a setting that kmc decides', async (t) => {
    const cluster = await makeCluster(t, { basePort: 20440, config: { 'process.roles': 'broker' } })
    const error = await failureOf(cluster)
    assert.equal(error.code, 'CLUSTER_CONFIG_RESERVED')
    assert.match(error.message, /process\.roles/)
  })

  test('data of another cluster, of a newer Kafka, of a cluster that is running', async (t) => {
    const directory = await scratchDirectory(t)
    const owner = await makeCluster(t, { directory, basePort: 20450 })
    await owner.start()
    const second = await failureOf(await makeCluster(t, { directory, basePort: 20450 }))
    assert.equal(second.code, 'CLUSTER_IN_USE')
    assert.match(second.message, new RegExp(`process ${process.pid}`))
    await owner.stop()

    const older = await makeCluster(t, { directory, basePort: 20450, kafka: { version: '3.9.2' } })
    assert.equal((await failureOf(older)).code, 'KAFKA_DOWNGRADE')
    const secured = await makeCluster(t, { directory, basePort: 20450, security: true })
    assert.equal((await failureOf(secured)).code, 'CLUSTER_CHANGED')

    const meta = join(directory, 'node-1', 'data', 'meta.properties')
    const text = await readFile(meta, 'utf8')
    await writeFile(meta, text.replace(/cluster\.id=.*/, 'cluster.id=AAAAAAAAAAAAAAAAAAAAAQ'))
    const foreign = await failureOf(await makeCluster(t, { directory, basePort: 20450 }))
    assert.equal(foreign.code, 'CLUSTER_CHANGED')
    assert.match(foreign.message, /of cluster AAAAAAAAAAAAAAAAAAAAAQ, not /)
  })

  test('a version that kmc does not run, with those that it does', async (t) => {
    const error = await failureOf(await makeCluster(t, { basePort: 20460, kafka: { version: '2.8.0' } }))
    assert.equal(error.code, 'KAFKA_VERSION_UNSUPPORTED')
    assert.match(error.message, /4\.3\.1.*3\.9\.2/)
  })
})

describe('what is damaged in the cache', { timeout: TIMEOUT_MS }, () => {
  test('an archive that crashes the JVM is dropped, and the broker starts without it', async (t) => {
    const cache = await borrowedCache(t)
    const archive = await makeArchive(cache)
    const whole = await readFile(archive)
    await writeFile(`${archive}.half`, whole.subarray(0, whole.length >> 1))
    await rename(`${archive}.half`, archive)
    const log = rememberingLog()
    const cluster = await makeCluster(t, { basePort: 20470 }, { cacheDirectory: cache, log })
    await cluster.start()
    assert.equal(cluster.state.name, 'running')
    assert.ok(log.lines.some(({ message }) => /dropped the class-data archive/.test(message)))
  })

  test('a jar that is not whole is noticed', async (t) => {
    const cache = await borrowedCache(t)
    const { classPath } = await ensureKafka({ version: '4.3.1' }, { cacheDirectory: cache })
    const jar = classPath.find((path) => path.includes('kafka-clients')) ?? ''
    await writeFile(jar, 'half')
    await ensureKafka({ version: '4.3.1' }, { cacheDirectory: cache })
    assert.ok((await stat(jar)).size > 1_000_000)
  })
})

/** A cache of the test's own that starts with the user's jars, so that nothing is fetched twice. */
async function borrowedCache(t: TestContext): Promise<string> {
  await ensureKafka({ version: '4.3.1' }, { cacheDirectory: cacheDirectory() })
  const cache = await scratchDirectory(t)
  atEnd(t, trainingsEnded)
  await cp(join(cacheDirectory(), 'kafka', '4.3.1'), join(cache, 'kafka', '4.3.1'), { recursive: true })
  return cache
}

async function makeArchive(cacheDirectory: string): Promise<string> {
  const tools = { java: await findJava(), jars: await ensureKafka({ version: '4.3.1' }, { cacheDirectory }) }
  const file = archiveFile(cacheDirectory, tools.java, tools.jars)
  const checkpoint = () => ensureCheckpoint(tools, cacheDirectory)
  const probe = (address: string) => answersApiVersions([address], { bootstrap: [address] })
  const log = rememberingLog()
  await trainArchive({ ...tools, file, checkpoint, probe, log, progress: () => {}, background: false })
  assert.deepEqual(
    log.lines.filter(({ level }) => level === 'warn'),
    [],
  )
  return file
}

async function failureOf(cluster: ManagedCluster): Promise<KmcError> {
  try {
    await cluster.start()
  } catch (error) {
    assert.ok(error instanceof KmcError, String(error))
    assert.equal(cluster.nodes.filter(({ pid }) => pid !== null).length, 0)
    return error
  }
  throw new assert.AssertionError({ message: 'the cluster started' })
}

function portOf(cluster: ManagedCluster): number {
  return Number(cluster.clientAccess.bootstrap[0]?.split(':')[1])
}

async function holdPort(t: TestContext, port: number): Promise<void> {
  const server = createServer().listen({ host: '127.0.0.1', port })
  await once(server, 'listening')
  t.after(() => server.close())
}
