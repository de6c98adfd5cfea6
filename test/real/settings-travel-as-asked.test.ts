import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { Cluster } from '../../src/client/cluster.ts'
import { releaseMirrors } from '../../src/link/mirrors/release.ts'
import type { LinkSpec } from '../../src/link/spec.ts'
import { readState } from '../../src/link/state/store.ts'
import { defaultTravel } from '../../src/link/travel/options.ts'
import { NEWEST, OLDEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { kafkaTool } from '../harness/drivers/kafka-tools.ts'
import { JavaClient } from '../harness/java/client.ts'
import { awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { numbered } from '../harness/workloads.ts'

/** Topic settings across versions, as kafka-configs sees them: chosen, held, taken from brokers, skipped by name. */

const { clusters, stop } = await startClusters({
  source: { kafka: NEWEST, config: { 'log.retention.ms': '7200000', 'compression.type': 'gzip' } },
  destination: { kafka: OLDEST },
})
const java = await JavaClient.start()
const { source, destination } = clusters
const own = { 'segment.bytes': '2097152', 'retention.bytes': '5000000', 'min.insync.replicas': '1' } as const
const { configs } = defaultTravel
const links: TestLink[] = []

function travelling(more: Partial<typeof configs>): Partial<LinkSpec> {
  return { travel: { ...defaultTravel, configs: { ...configs, ...more } } }
}

before(async () => {
  await java.createTopics(source.access, [{ name: 'plain', partitions: 1, configs: own }])
  await java.produce(source.access, 'plain', numbered('plain', 5, 1))
  const specs: [string, Partial<LinkSpec>][] = [
    ['usual', {}],
    ['chosen', travelling({ exclude: ['segment.*'] })],
    ['brokers', travelling({ defaults: 'source' })],
  ]
  for (const [name, more] of specs) {
    const prefix = `${name}.`
    links.push(await TestLink.start(linkSpec(name, source, destination, { prefix, groups: [], ...more })))
  }
  for (const [name] of specs) {
    await awaitInStep(java, { source, destination, topic: 'plain', mirror: `${name}.plain` })
  }
})

after(async () => {
  await Promise.all(links.map((link) => link.stop()))
  await java.close()
  await stop()
})

/** What is set on the topic itself. */
async function settingsOf(
  topic: string,
  cluster: TestCluster = destination,
): Promise<Record<string, string>> {
  const about = ['--describe', '--entity-type', 'topics', '--entity-name', topic]
  const output = await kafkaTool(cluster.access, 'kafka.admin.ConfigCommand', about)
  const found = [...output.matchAll(/^\s+([\w.]+)=(\S*) sensitive/gm)]
  return Object.fromEntries(found.map(([, name, value]) => [name!, value!]))
}

test('what is set on a topic travels, what a mirror holds wins, what belongs to a cluster stays', async () => {
  const settings = await settingsOf('usual.plain')
  assert.equal(settings['segment.bytes'], '2097152')
  assert.equal(settings['retention.bytes'], '-1', 'held')
  assert.equal(settings['min.insync.replicas'], undefined)
  assert.equal(settings['compression.type'], undefined, "the source's brokers have it, the topic has not")
  assert.equal(settings['message.timestamp.difference.max.ms'], '9223372036854775807', 'held before 4.0')
})

test('what is excluded stays at the default of the destination', async () => {
  assert.equal((await settingsOf('chosen.plain'))['segment.bytes'], undefined)
})

test('the defaults of the source can travel, and come true when the mirror is one no longer', async () => {
  const mirrored = await settingsOf('brokers.plain')
  assert.equal(mirrored['compression.type'], 'gzip')
  assert.equal(mirrored['retention.ms'], '-1')
  await links.pop()!.stop()
  await using cluster = await Cluster.connect(destination.config)
  const mirrors = (await readState(cluster))!.mirrors('brokers').filter(({ topic }) => topic === 'plain')
  assert.deepEqual(await releaseMirrors(cluster, mirrors), [])
  const released = await settingsOf('brokers.plain')
  assert.deepEqual([released['retention.ms'], released['retention.bytes']], ['7200000', '5000000'])
  assert.equal(released['message.timestamp.difference.max.ms'], undefined)
})

test('a value that the destination refuses is left out and named; the others and all records are there', async () => {
  // Kafka 3.9 takes segments of any size, 4.x none below 1 MiB (KIP-1030).
  const configs = { 'segment.bytes': '20000', 'delete.retention.ms': '7777' }
  await java.createTopics(destination.access, [{ name: 'tiny', partitions: 1, configs }])
  await java.produce(destination.access, 'tiny', numbered('tiny', 5, 1))
  const back = linkSpec('back', destination, source, { prefix: 'back.', groups: [], topics: ['tiny'] })
  links.push(await TestLink.start(back))
  await awaitInStep(java, { source: destination, destination: source, topic: 'tiny', mirror: 'back.tiny' })
  const settings = await settingsOf('back.tiny', source)
  assert.deepEqual([settings['segment.bytes'], settings['delete.retention.ms']], [undefined, '7777'])
  const { notes } = links.at(-1)!.status().travel!.configs
  assert.match(notes.join('\n'), /segment\.bytes is not set on back\.tiny: /)
})
