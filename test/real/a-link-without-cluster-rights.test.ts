import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Secret } from '../../src/base/secret.ts'
import type { ClusterConfig } from '../../src/client/config.ts'
import type { LinkFinding } from '../../src/link/preflight/findings.ts'
import { type PreflightReport, preflight } from '../../src/link/preflight/preflight.ts'
import type { LinkSpec } from '../../src/link/spec.ts'
import type { LinkWorker } from '../../src/link/worker/pack.ts'
import { NEWEST, OLDEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { runPrinted } from '../harness/drivers/kafka-tools.ts'
import { type Acl, JavaClient, type Load } from '../harness/java/client.ts'
import { kmc } from '../harness/kmc.ts'
import { assertSameOnBothSides, awaitInStep, linkSpec, startWorker, TestLink } from '../harness/links.ts'
import { textOf } from '../harness/records.ts'
import { temporaryDirectory } from '../harness/temporary.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { workloads } from '../harness/workloads.ts'

/**
 * A principal that may not touch the cluster itself: gaps are filled by empty transactions, just as exactly. And what
 * is missing is named by `kmc link check`, with a command that cures it.
 */

const { clusters, stop } = await startClusters({
  old: { kafka: OLDEST, security: true },
  new: { kafka: NEWEST, security: true },
})
const java = await JavaClient.start()
const KILLS = 4
const USER = 'humble'
const PASSWORD = 'a-password-of-the-test'

const topic = (name: string, ...operations: string[]): Acl[] =>
  operations.map((operation) => ({ user: USER, resource: 'TOPIC', name, operation }))
const group = (name: string, operation: string): Acl => ({ user: USER, resource: 'GROUP', name, operation })
const cluster = (operation: string): Acl => ({
  user: USER,
  resource: 'CLUSTER',
  name: 'kafka-cluster',
  operation,
})
const transactionalIds = (link: string): Acl => {
  const name = `__kmc_link_${link}`
  return { user: USER, resource: 'TRANSACTIONAL_ID', name, pattern: 'PREFIXED', operation: 'WRITE' }
}

function as(side: TestCluster): ClusterConfig {
  const sasl = { mechanism: 'SCRAM-SHA-512', username: USER, password: new Secret(PASSWORD) } as const
  return { ...side.config, sasl }
}
function humbleLink(
  name: string,
  from: TestCluster,
  to: TestCluster,
  more: Partial<LinkSpec> = {},
): LinkSpec {
  return linkSpec(name, from, to, { source: as(from), destination: as(to), groups: [], ...more })
}

before(async () => {
  for (const side of [clusters.old, clusters.new]) await java.createUser(side.access, USER, PASSWORD)
})
after(async () => {
  await worker?.stop()
  await java.close()
  await stop()
})
let worker: LinkWorker | null = null

const errorsOf = (report: PreflightReport) => report.findings.filter(({ severity }) => severity === 'error')
const listOf = (findings: readonly LinkFinding[]) => findings.map(({ code, what }) => `${code}: ${what}`)

describe('every right that is missing is named, and the printed command grants it', () => {
  const { old: source, new: destination } = clusters
  const spec = humbleLink('checked', source, destination, {
    topics: ['watched'],
    groups: ['readers'],
    prefix: 'checked.',
  })
  const mirror = 'checked.watched'
  const OF_SOURCE = [...topic('watched', 'READ', 'DESCRIBE_CONFIGS'), group('readers', 'DESCRIBE')]
  const OF_DESTINATION = [
    ...topic(mirror, 'READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'ALTER_CONFIGS'),
    ...topic('__kmc_state', 'READ', 'WRITE', 'CREATE'),
    group('readers', 'READ'),
    group('__kmc_link_checked', 'READ'),
  ]
  /** Comes with READ; so that a topic whose READ is taken away stays visible. */
  const visible = topic('watched', 'DESCRIBE')
  const all = [
    ...OF_SOURCE.map((acl) => ({ side: source, version: OLDEST, acl })),
    ...[...OF_DESTINATION, cluster('ALTER')].map((acl) => ({ side: destination, version: NEWEST, acl })),
  ]

  before(async () => {
    await java.createTopics(source.access, [{ name: 'watched', partitions: 2 }])
    await java.addAcls(source.access, [...OF_SOURCE, ...visible])
    await java.addAcls(destination.access, [...OF_DESTINATION, cluster('ALTER')])
  })
  after(async () => {
    await java.removeAcls(source.access, [...OF_SOURCE, ...visible])
    await java.removeAcls(destination.access, [...OF_DESTINATION, cluster('ALTER')])
  })

  test('with all of them nothing is amiss', async () => {
    assert.deepEqual(listOf(errorsOf(await preflight(spec))), [])
  })

  /** Starting Kafka's own tool takes a second; of each kind of resource and each side one is granted by it. */
  const byTool = new Set<Acl>([OF_SOURCE[0]!, OF_SOURCE[2]!, OF_DESTINATION[2]!, all.at(-1)!.acl])

  for (const { side, version, acl } of all) {
    test(`${acl.operation} on ${acl.resource} ${acl.name} of the ${side.name} cluster`, async () => {
      await java.removeAcls(side.access, [acl])
      let errors: LinkFinding[] = []
      const isSeen = async () => {
        errors = errorsOf(await preflight(spec))
        return errors.length > 0
      }
      await waitUntil('the right is missed', isSeen, { withinMs: PATIENCE_MS })
      assert.equal(errors.length, 1, listOf(errors).join('\n'))
      const [finding] = errors
      assert.equal(finding!.code, acl.resource === 'CLUSTER' ? 'GAPS_IMPOSSIBLE' : 'RIGHT_MISSING')
      assert.equal(finding!.side, side === source ? 'source' : 'destination')
      assert.match(finding!.remedy!, new RegExp(`\\b${acl.operation}\\b`))
      if (acl.resource !== 'CLUSTER') assert.match(finding!.subject, new RegExp(acl.name))
      if (byTool.has(acl)) await runPrinted(version, side.access, finding!.command!)
      else await java.addAcls(side.access, [acl])
      const isCured = async () => errorsOf(await preflight(spec)).length === 0
      await waitUntil('granting it cures it', isCured, { withinMs: PATIENCE_MS })
    })
  }

  test('the command line says the same, and its exit code tells', async () => {
    const acl = group('readers', 'READ')
    await java.removeAcls(destination.access, [acl])
    const directory = temporaryDirectory('fleet')
    const external = (config: ClusterConfig) => ({
      bootstrap: config.bootstrap,
      tls: { ca: 'file:ca.pem' },
      sasl: { mechanism: 'SCRAM-SHA-512', username: USER, password: 'env:HUMBLE' },
    })
    const ca = [source, destination].map(({ config }) => config.tls!.ca!).join('\n')
    writeFileSync(join(directory, 'ca.pem'), ca)
    const fleet = {
      fleet: 'rights',
      clusters: { here: external(source.config), there: external(destination.config) },
      links: {
        checked: { from: 'here', to: 'there', topics: ['watched'], groups: ['readers'], prefix: 'checked.' },
      },
    }
    writeFileSync(join(directory, 'fleet.yaml'), JSON.stringify(fleet))
    const where = { directory, environment: { HUMBLE: PASSWORD } }
    const told = await kmc(where, 'link', 'check', 'checked', '-o', 'json')
    assert.equal(told.code, 3, told.stderr)
    const report = JSON.parse(told.stdout) as PreflightReport
    assert.deepEqual(
      errorsOf(report).map(({ code, subject }) => `${code} ${subject}`),
      ['RIGHT_MISSING group readers'],
    )
    assert.ok(!told.stdout.includes(PASSWORD))
    await java.addAcls(destination.access, [acl])
    const healed = await kmc(where, 'link', 'check')
    assert.equal(healed.code, 0, healed.stdout + healed.stderr)
    assert.match(healed.stdout, /^ready/m)
  })
})

for (const { from, to, topics: TOPICS, gapsMin } of [
  { from: clusters.old, to: clusters.new, topics: ['transactions', 'compacted'], gapsMin: 1_000 },
  { from: clusters.new, to: clusters.old, topics: ['transactions'], gapsMin: 100 },
]) {
  describe(`without ALTER on the cluster, from the ${from.name} to the ${to.name} one`, () => {
    const name = `to-${to.name}`
    const prefix = `${from.name}.`
    const LOAD = `load-${from.name}`
    const load: Load = {
      name: LOAD,
      topic: LOAD,
      partitions: 2,
      plainPerSecond: 100,
      transactionsPerSecond: 4,
      valueBytes: 200,
      codec: 'lz4',
    }
    const rights = {
      source: topic('*', 'READ', 'DESCRIBE_CONFIGS'),
      destination: [
        ...topic('*', 'READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER', 'ALTER_CONFIGS'),
        group('*', 'READ'),
        transactionalIds(name),
      ],
    }
    const spec = humbleLink(name, from, to, { topics: [...TOPICS, LOAD], prefix })
    const sides = (topicName: string) => ({
      source: from,
      destination: to,
      topic: topicName,
      mirror: prefix + topicName,
    })

    before(async () => {
      await java.addAcls(from.access, rights.source)
      await java.addAcls(to.access, rights.destination)
      await java.createTopics(from.access, [{ name: LOAD, partitions: load.partitions }])
      for (const { topic: filled, fill } of workloads) {
        if (TOPICS.includes(filled)) await fill(java, from.access)
      }
    })
    after(async () => {
      await java.removeAcls(from.access, rights.source)
      await java.removeAcls(to.access, rights.destination)
    })

    test('check says how gaps are filled, and that it is slower', async () => {
      const report = await preflight(spec)
      assert.deepEqual(listOf(errorsOf(report)), [])
      const gaps = report.findings.find(({ code }) => code === 'GAPS_BY_TRANSACTIONS')
      assert.equal(gaps?.severity, 'warning')
    })

    test('aborted records, control records and holes keep their offsets', async () => {
      const link = await TestLink.start(spec)
      try {
        for (const one of TOPICS) {
          await awaitInStep(java, sides(one))
          await assertSameOnBothSides(java, sides(one))
        }
        assert.equal(link.status().gaps, 'transactions')
        assert.ok(link.status().counters.gapOffsets > gapsMin, `${link.status().counters.gapOffsets} gaps`)
        assert.equal(link.status().fault, null)
      } finally {
        await link.stop()
      }
    })

    test('kill -9 of the worker under load loses, doubles and shifts nothing', async () => {
      await java.startLoad(from.access, load)
      for (let kill = 0; kill < KILLS; kill++) {
        worker = startWorker(spec).worker
        const copies = () => (worker!.status?.counters.gapOffsets ?? 0) > 0
        await waitUntil('the worker fills gaps', copies, {
          withinMs: PATIENCE_MS,
          lastSeen: () => worker?.status,
        })
        await sleep((kill * 97) % 400)
        const running = worker
        const exited = new Promise((resolve) => running.onExit(resolve))
        running.kill('SIGKILL')
        await exited
      }
      worker = startWorker(spec).worker
      const { plain, committed, aborted, errors } = await java.stopLoad(LOAD)
      assert.deepEqual(errors, [])
      assert.ok(aborted > 0)
      await awaitInStep(java, sides(LOAD))
      const count = await assertSameOnBothSides(java, sides(LOAD))
      assert.equal(count, plain + committed)
      const values = (await java.read(to.access, prefix + LOAD)).map(({ value }) => textOf(value)!)
      assert.equal(new Set(values.map((value) => value.split(':').slice(0, 3).join(':'))).size, count)
    })

    test('a worker that was paused and overtaken writes nothing', async () => {
      const first = worker!
      const ended = new Promise<{ code: number | null }>((resolve) => first.onExit(resolve))
      await java.startLoad(from.access, { ...load, name: `again-${from.name}` })
      first.kill('SIGSTOP')
      worker = startWorker(spec).worker
      const copies = () => (worker!.status?.counters.gapOffsets ?? 0) > 0
      await waitUntil('the second worker fills gaps', copies, { withinMs: PATIENCE_MS })
      first.kill('SIGCONT')
      assert.equal((await ended).code, 3)
      assert.deepEqual((await java.stopLoad(`again-${from.name}`)).errors, [])
      await awaitInStep(java, sides(LOAD))
      await assertSameOnBothSides(java, sides(LOAD))
      assert.equal(worker.status?.fault, null)
      await worker.stop()
      worker = null
    })

    test('granting ALTER brings markers back, and a link without either right waits for it', async () => {
      await java.removeAcls(to.access, [transactionalIds(name)])
      const link = await TestLink.start(spec)
      try {
        const fault = await link.awaitFault('PREFLIGHT_FAILED')
        assert.match(fault.message, /may neither write markers/)
        await java.addAcls(to.access, [cluster('ALTER'), transactionalIds(name)])
        const isOn = () => link.status().gaps === 'markers' && link.status().state === 'active'
        await waitUntil('it starts by itself', isOn, { withinMs: PATIENCE_MS, lastSeen: () => link.status() })
        await java.open(from.access, 'gap', { transactionalId: 'gap' })
        await java.transaction('gap', 'begin')
        await java.send('gap', LOAD, [{ partition: 0, value: 'eA==' }])
        await java.transaction('gap', 'abort')
        await java.closeProducer('gap')
        await awaitInStep(java, sides(LOAD))
        await assertSameOnBothSides(java, sides(LOAD))
      } finally {
        await link.stop()
        await java.removeAcls(to.access, [cluster('ALTER')])
      }
    })
  })
}
