import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { FindingCode, LinkFinding } from '../../src/link/preflight/findings.ts'
import { preflight } from '../../src/link/preflight/preflight.ts'
import type { LinkSpec } from '../../src/link/spec.ts'
import { NEWEST, OLDEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { kafkaTool, runPrinted } from '../harness/drivers/kafka-tools.ts'
import { JavaClient } from '../harness/java/client.ts'
import { awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { bytesOf } from '../harness/records.ts'
import { waitUntil } from '../harness/wait.ts'
import { numbered } from '../harness/workloads.ts'

/**
 * What `kmc link check` finds on real clusters of both ages, each made on purpose and alone; doing what it says, with
 * the very command where it prints one, leaves nothing to find. Rights are in a-link-without-cluster-rights.test.ts.
 */

const { clusters, stop } = await startClusters({ old: { kafka: OLDEST }, new: { kafka: NEWEST } })
const java = await JavaClient.start()
const SOON = { withinMs: 60_000 }
const CONFIGS = 'kafka.admin.ConfigCommand'
const DAY_MS = 86_400_000
let links: TestLink[] = []

after(async () => {
  await Promise.all(links.map((link) => link.stop()))
  await java.close()
  await stop()
})

type Case = {
  readonly name: string
  readonly code: FindingCode
  readonly disturb: () => Promise<unknown>
  /** What is done about it; left out: the printed command is run. */
  readonly cure?: (found: LinkFinding) => Promise<unknown>
  /** Which of the two sides the command is for. */
  readonly says: RegExp
}

const versions = new Map<TestCluster, string>([
  [clusters.old, OLDEST],
  [clusters.new, NEWEST],
])

for (const { from, to } of [
  { from: clusters.old, to: clusters.new },
  { from: clusters.new, to: clusters.old },
]) {
  describe(`from ${from.name} to ${to.name}`, () => {
    const prefix = `${from.name}-`
    const TOPICS = [`${prefix}kept`, `${prefix}fresh`]
    const [kept, fresh] = TOPICS as [string, string]
    const spec = linkSpec(`of-${from.name}`, from, to, { topics: [kept], groups: [] })
    const both: LinkSpec = { ...spec, topics: TOPICS }

    before(async () => {
      await java.createTopics(
        from.access,
        TOPICS.map((name) => ({ name, partitions: 1 })),
      )
      for (const name of TOPICS) await java.produce(from.access, name, numbered(name, 10))
      const link = await TestLink.start(spec)
      await awaitInStep(java, { source: from, destination: to, topic: kept })
      await link.stop()
      assert.deepEqual(await found(both), [], 'nothing amiss')
    })

    const alterUsers = (cluster: TestCluster, ...words: string[]) =>
      kafkaTool(cluster.access, CONFIGS, ['--alter', '--entity-type', 'users', ...words])
    const alterBrokers = (cluster: TestCluster, ...words: string[]) =>
      kafkaTool(cluster.access, CONFIGS, [
        '--alter',
        '--entity-type',
        'brokers',
        '--entity-default',
        ...words,
      ])

    const cases: readonly Case[] = [
      {
        name: 'batches larger than a request may be',
        code: 'REQUEST_TOO_LARGE',
        says: /takes requests of 104857600 bytes/,
        disturb: () => java.setConfigs(from.access, fresh, { 'max.message.bytes': '200000000' }),
        cure: () => java.setConfigs(from.access, fresh, { 'max.message.bytes': '1048588' }),
      },
      {
        name: 'a destination that compresses anew',
        code: 'MIRROR_RECOMPRESSES',
        says: /has compression\.type=gzip/,
        disturb: () => alterBrokers(to, '--add-config', 'compression.type=gzip'),
      },
      {
        name: 'more replicas in sync than there are',
        code: 'INSYNC_IMPOSSIBLE',
        says: /asks for 2 replicas in sync and has 1/,
        disturb: () => java.setConfigs(to.access, kept, { 'min.insync.replicas': '2' }),
      },
      {
        name: 'records older than the memory of producers',
        code: 'GUARD_EXPIRES',
        says: /holds records older/,
        disturb: () =>
          java.produce(from.access, fresh, [
            { partition: 0, value: bytesOf('old'), timestamp: Date.now() - 2 * DAY_MS },
          ]),
      },
      {
        name: 'a quota of the link’s user',
        code: 'THROTTLED',
        says: /holds User:ANONYMOUS to producer_byte_rate=100000/,
        disturb: () =>
          alterUsers(to, '--entity-name', 'ANONYMOUS', '--add-config', 'producer_byte_rate=100000'),
      },
      {
        name: 'a topic with records where a mirror would be',
        code: 'MIRROR_IN_THE_WAY',
        says: /holds 3 offsets, and this link did not make it/,
        disturb: async () => {
          await java.createTopics(to.access, [{ name: fresh, partitions: 1 }])
          await java.produce(to.access, fresh, numbered('a stranger', 3))
        },
        cure: () => java.deleteTopics(to.access, [fresh]),
      },
      {
        name: 'a name that clashes',
        code: 'MIRROR_REFUSED',
        says: /INVALID_TOPIC_EXCEPTION/,
        disturb: async () => {
          await java.createTopics(to.access, [{ name: `${prefix}a_b`, partitions: 1 }])
          await java.createTopics(from.access, [{ name: `${prefix}a.b`, partitions: 1 }])
        },
        cure: () => java.deleteTopics(to.access, [`${prefix}a_b`]),
      },
    ]

    for (const { name, code, says, disturb, cure } of cases) {
      test(name, async () => {
        const about: LinkSpec = code === 'MIRROR_REFUSED' ? { ...spec, topics: [`${prefix}a.b`] } : both
        await disturb()
        const findings = await awaitFound(about, (all) => all.some((one) => one.code === code), code)
        const [finding] = findings.filter((one) => one.code === code)
        assert.match(finding!.what, says)
        assert.doesNotMatch(`${finding!.remedy}`, /\b(LINK|TOPIC)\b/)
        if (cure !== undefined) await cure(finding!)
        else {
          const commands = new Map(
            findings.filter((one) => one.code === code).map((one) => [one.command, one]),
          )
          for (const [command, { side }] of commands) {
            const cluster = side === 'source' ? from : to
            await runPrinted(versions.get(cluster)!, cluster.access, command!)
          }
        }
        if (code === 'MIRROR_RECOMPRESSES') {
          // A mirror that is there follows as soon as its link works.
          const link = await TestLink.start(spec)
          links.push(link)
          await awaitFound(about, (all) => all.length === 0, 'nothing')
          await link.stop()
          links = []
        }
        await awaitFound(about, (all) => all.length === 0, 'nothing')
      })
    }

    test('settings of a mirror that somebody changed: the link puts them right', async () => {
      await java.setConfigs(to.access, kept, { 'retention.ms': '1000000' })
      const [finding] = await awaitFound(spec, (all) => all[0]?.code === 'MIRROR_SETTINGS', 'MIRROR_SETTINGS')
      assert.match(finding!.what, /differs in retention\.ms/)
      const link = await TestLink.start(spec)
      links.push(link)
      await awaitFound(spec, (all) => all.length === 0, 'nothing')
      await link.stop()
      links = []
    })

    test('what a link names in full and the source does not have', async () => {
      const missing: LinkSpec = { ...spec, topics: [kept, `${prefix}later`] }
      const [finding] = await found(missing)
      assert.equal(finding?.code, 'TOPIC_NOT_SEEN')
      await java.createTopics(from.access, [{ name: `${prefix}later`, partitions: 1 }])
      await awaitFound(missing, (all) => all.length === 0, 'nothing')
    })

    test('a mirror of another link, the other cluster as source, one cluster twice, nobody at home', async () => {
      const codes = async (change: Partial<LinkSpec>) =>
        (await found({ ...spec, ...change })).map(({ code }) => code)
      assert.deepEqual(await codes({ name: 'another' }), ['MIRROR_OF_ANOTHER'])
      assert.ok((await codes({ source: to.config })).includes('ONE_CLUSTER'))
      const nowhere = { ...from.config, bootstrap: ['127.0.0.1:9'], connectTimeoutMs: 1_000 }
      assert.deepEqual(await codes({ source: nowhere }), ['CLUSTER_OUT_OF_REACH'])
    })
  })
}

async function found(spec: LinkSpec): Promise<LinkFinding[]> {
  return (await preflight(spec)).findings.filter(({ severity }) => severity !== 'ok')
}

/** Brokers learn of changes a moment after they are answered. */
async function awaitFound(
  spec: LinkSpec,
  isIt: (findings: readonly LinkFinding[]) => boolean,
  what: string,
): Promise<LinkFinding[]> {
  let seen: LinkFinding[] = []
  const look = async () => {
    seen = await found(spec)
    return isIt(seen) && seen
  }
  return await waitUntil(`${what} to be found`, look, { ...SOON, lastSeen: () => seen })
}
