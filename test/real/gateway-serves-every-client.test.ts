import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Cluster } from '../../src/client/cluster.ts'
import { warm } from '../../src/gateway/warm.ts'
import { NEWEST, OLDEST, startClusters } from '../harness/clusters.ts'
import { consoleTools } from '../harness/drivers/kafka-tools.ts'
import { kafkajs } from '../harness/drivers/kafkajs.ts'
import { kcat } from '../harness/drivers/kcat.ts'
import { platformatic } from '../harness/drivers/platformatic.ts'
import { startRoute } from '../harness/gateways.ts'
import { JavaClient } from '../harness/java/client.ts'
import { assertSameRecords, bytesOf, type NewRecord } from '../harness/records.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { numbered, workloads } from '../harness/workloads.ts'
import { need } from '../kit/need.ts'

const wanted: ReadonlySet<string> = new Set(['every-codec', 'large', 'transactions'])

/** Clients that never see a broker write and read through a route as they do without one. */

const { clusters, stop } = await startClusters({
  newest: { kafka: NEWEST, brokers: 2 },
  oldest: { kafka: OLDEST },
})
const java = await JavaClient.start()
const noKcat = await need('kcat')
const routes = {
  newest: await startRoute([clusters.newest]),
  oldest: await startRoute([clusters.oldest]),
}

/** Kafka's console producer takes no record without one. */
const withHeader = (records: readonly NewRecord[]) =>
  records.map((record) => ({ ...record, headers: [['a', bytesOf('1')]] as const }))

after(async () => {
  await Promise.all(Object.values(routes).map(({ route }) => route.stop()))
  await java.close()
  await stop()
})

for (const [name, { access, route, log }] of Object.entries(routes)) {
  const direct = clusters[name as keyof typeof clusters].access
  describe(`through a route to Kafka ${name}`, () => {
    for (const { topic, promise, fill } of workloads.filter((one) => wanted.has(one.topic))) {
      test(`Java writes and reads: ${promise}`, async () => {
        await fill(java, access)
        const there = await java.read(direct, topic)
        assert.ok(there.length > 0)
        assertSameRecords(topic, there, await java.read(access, topic))
      })
    }

    // Programs of the old release take seconds to start, so they are tried at one of the two.
    const tools = name === 'oldest' ? [consoleTools(OLDEST)] : []
    for (const client of [kafkajs, platformatic, kcat, ...tools]) {
      const skip = client === kcat ? noKcat : false
      test(`${client.name} writes and reads`, { skip }, async () => {
        const topic = `by-${client.name.replace(/\W/g, '')}`
        await java.createTopics(access, [{ name: topic, partitions: 2 }])
        await client.write(access, topic, withHeader(numbered(client.name, 50, 2)), 'gzip')
        // A broker may hear of a new topic later than its neighbour did.
        const there = await waitUntil(
          `50 records of ${client.name}`,
          async () => {
            const seen = await java.read(direct, topic)
            return seen.length === 50 ? seen : null
          },
          { withinMs: PATIENCE_MS },
        )
        assertSameRecords(topic, there, await client.read(access, topic, { atLeast: 50 }), {
          timestampTypes: false,
        })
      })
    }

    for (const protocol of name === 'oldest' ? (['classic'] as const) : (['classic', 'consumer'] as const)) {
      test(`a ${protocol} group keeps its positions`, async () => {
        const topic = `grouped-${protocol}`
        await java.createTopics(access, [{ name: topic, partitions: 3 }])
        await java.produce(access, topic, numbered('a', 60, 3))
        const group = `readers-${protocol}`
        const first = await java.consume(access, group, [topic], { count: 20, protocol })
        const rest = await java.consume(access, group, [topic], { count: 40, protocol })
        const ids = new Set([...first, ...rest].map(({ partition, offset }) => `${partition}@${offset}`))
        assert.equal(ids.size, 60)
        assert.deepEqual(await java.positions(access, group), await java.positions(direct, group))
      })
    }

    test('clients see the gateway and nothing of the brokers', async () => {
      const seen = await java.describeCluster(access)
      assert.notEqual(seen.clusterId, clusters[name as keyof typeof clusters].clusterId)
      const topic = await java.describeTopic(access, 'every-codec')
      assert.notEqual(topic.id, (await java.describeTopic(direct, 'every-codec')).id)
      assert.ok(topic.leaders.every((leader) => leader >= 1))
    })

    test('a cluster is warmed: both coordinators are there', async () => {
      await using cluster = await Cluster.connect(clusters[name as keyof typeof clusters].config)
      await warm(cluster)
      const topics = await java.topics(direct)
      assert.ok(!topics.includes('__kmc_warm'))
    })

    test('the census knows who was there', () => {
      const libraries = new Set(route.census().map(({ library }) => library))
      assert.ok(libraries.has('apache-kafka-java'), [...libraries].join())
      assert.deepEqual(route.status().closed, {}, log.join('\n'))
    })
  })
}
