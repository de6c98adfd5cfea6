import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { alterConfigs, type ConfigChange } from '../../src/client/admin/configs.ts'
import { alterQuotas } from '../../src/client/admin/quotas.ts'
import { Cluster } from '../../src/client/cluster.ts'
import { type Outcome, unwrap } from '../../src/client/outcome.ts'
import type { FindingCode, LinkFinding } from '../../src/link/preflight/findings.ts'
import { preflight } from '../../src/link/preflight/preflight.ts'
import type { LinkSpec } from '../../src/link/spec.ts'
import { NEWEST, OLDEST, startClusters } from '../harness/clusters.ts'
import { runPrinted } from '../harness/drivers/kafka-tools.ts'
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
const { old: source, new: destination } = clusters
const SOON = { withinMs: 60_000 }
const DAY_MS = 86_400_000
/** Mirrored; then without a mirror yet; then with records of long ago. */
const [KEPT, FRESH, AGED] = ['kept', 'fresh', 'aged'] as const
const spec = linkSpec('checked', source, destination, { topics: [KEPT, FRESH], groups: [] })

before(async () => {
  const topics = [KEPT, FRESH, AGED].map((name) => ({ name, partitions: 1 }))
  await java.createTopics(source.access, topics)
  for (const name of [KEPT, FRESH]) await java.produce(source.access, name, numbered(name, 10))
  const timestamp = Date.now() - 2 * DAY_MS
  await java.produce(source.access, AGED, [{ partition: 0, value: bytesOf('old'), timestamp }])
  const link = await TestLink.start({ ...spec, topics: [KEPT] })
  await awaitInStep(java, { source, destination, topic: KEPT })
  await link.stop()
  assert.deepEqual(await found(spec), [], 'nothing amiss')
})

after(async () => {
  await java.close()
  await stop()
})

type Case = {
  readonly name: string
  readonly code: FindingCode
  readonly says: RegExp
  readonly topics?: readonly string[]
  readonly disturb: () => Promise<unknown>
  /** What is done about it; left out: the printed command is run. */
  readonly cure?: () => Promise<unknown>
  /** Takes away what the disturbance has left, so that the next case stands alone. */
  readonly tidy?: () => Promise<unknown>
}

const defaultCompression = (change: Pick<ConfigChange, 'operation' | 'value'>) =>
  onDestination((cluster) => {
    return alterConfigs(cluster, [
      { type: 'broker', name: '', changes: [{ name: 'compression.type', ...change }] },
    ])
  })

const cases: readonly Case[] = [
  {
    name: 'batches larger than a request may be',
    code: 'REQUEST_TOO_LARGE',
    says: /takes requests of 104857600 bytes/,
    disturb: () => java.setConfigs(source.access, FRESH, { 'max.message.bytes': '200000000' }),
    cure: () => java.setConfigs(source.access, FRESH, { 'max.message.bytes': '1048588' }),
  },
  {
    name: 'a destination that compresses anew',
    code: 'MIRROR_RECOMPRESSES',
    says: /has compression\.type=gzip/,
    topics: [FRESH],
    disturb: () => defaultCompression({ operation: 'set', value: 'gzip' }),
    tidy: () => defaultCompression({ operation: 'delete' }),
  },
  {
    name: 'more replicas in sync than there are',
    code: 'INSYNC_IMPOSSIBLE',
    says: /asks for 2 replicas in sync and has 1/,
    disturb: () => java.setConfigs(destination.access, KEPT, { 'min.insync.replicas': '2' }),
  },
  {
    name: 'records older than the memory of producers',
    code: 'GUARD_EXPIRES',
    says: /holds records older than the 86400000 ms/,
    topics: [AGED],
    disturb: async () => {},
  },
  {
    name: 'a quota of the link’s user',
    code: 'THROTTLED',
    says: /holds User:ANONYMOUS to producer_byte_rate=100000/,
    disturb: () =>
      onDestination((cluster) => {
        const values = { producer_byte_rate: 100_000 }
        return alterQuotas(cluster, [{ entity: { user: 'ANONYMOUS' }, values }])
      }),
  },
  {
    name: 'a topic with records where a mirror would be',
    code: 'MIRROR_IN_THE_WAY',
    says: /holds 3 offsets, and this link did not make it/,
    disturb: async () => {
      await java.createTopics(destination.access, [{ name: FRESH, partitions: 1 }])
      await java.produce(destination.access, FRESH, numbered('a stranger', 3))
    },
    cure: () => java.deleteTopics(destination.access, [FRESH]),
  },
  {
    name: 'a name that clashes',
    code: 'MIRROR_REFUSED',
    says: /INVALID_TOPIC_EXCEPTION/,
    topics: ['a.b'],
    disturb: async () => {
      await java.createTopics(destination.access, [{ name: 'a_b', partitions: 1 }])
      await java.createTopics(source.access, [{ name: 'a.b', partitions: 1 }])
    },
    cure: () => java.deleteTopics(destination.access, ['a_b']),
  },
  {
    name: 'a mirror with settings of somebody else',
    code: 'MIRROR_SETTINGS',
    says: /differs in retention\.ms/,
    disturb: () => java.setConfigs(destination.access, KEPT, { 'retention.ms': '1000000' }),
    cure: () => java.setConfigs(destination.access, KEPT, { 'retention.ms': '-1' }),
  },
  {
    name: 'a topic that is named in full and is not there',
    code: 'TOPIC_NOT_SEEN',
    says: /topic later does not exist/,
    topics: [KEPT, 'later'],
    disturb: async () => {},
    cure: () => java.createTopics(source.access, [{ name: 'later', partitions: 1 }]),
  },
]

for (const { name, code, says, topics = spec.topics, disturb, cure, tidy } of cases) {
  test(name, async () => {
    const about: LinkSpec = { ...spec, topics }
    await disturb()
    const [finding] = await awaitFound(about, (all) => all[0]?.code === code, code)
    assert.match(finding!.what, says)
    assert.doesNotMatch(`${finding!.remedy}`, /\b(LINK|TOPIC)\b/)
    const cluster = finding!.side === 'source' ? source : destination
    if (cure !== undefined) await cure()
    else await runPrinted(cluster === source ? OLDEST : NEWEST, cluster.access, finding!.command!)
    await awaitFound(about, (all) => all.length === 0, 'nothing')
    await tidy?.()
  })
}

describe('findings of whole links', () => {
  const codes = async (change: Partial<LinkSpec>) =>
    (await found({ ...spec, ...change })).map(({ code }) => code)

  test('a mirror of another link, one cluster twice, nobody at home', async () => {
    assert.deepEqual(await codes({ name: 'another' }), ['MIRROR_OF_ANOTHER'])
    assert.ok((await codes({ source: destination.config })).includes('ONE_CLUSTER'))
    const nowhere = { ...source.config, bootstrap: ['127.0.0.1:9'], connectTimeoutMs: 1_000 }
    assert.deepEqual(await codes({ source: nowhere }), ['CLUSTER_OUT_OF_REACH'])
  })

  test('the other way round nothing is amiss either', async () => {
    await java.createTopics(destination.access, [{ name: 'back', partitions: 2 }])
    const back = linkSpec('back', destination, source, { topics: ['back'], groups: [] })
    await awaitFound(back, (all) => all.length === 0, 'nothing')
  })
})

async function onDestination(
  work: (cluster: Cluster) => Promise<readonly Outcome<unknown>[]>,
): Promise<void> {
  await using cluster = await Cluster.connect(destination.config)
  for (const outcome of await work(cluster)) unwrap(outcome)
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
