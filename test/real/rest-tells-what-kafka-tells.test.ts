import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { groupPositionRoutes } from '../../src/server/api/group-positions.ts'
import { replicaRoutes } from '../../src/server/api/replicas.ts'
import { v3Routes } from '../../src/server/v3/routes.ts'
import { NEWEST, OLDEST, startClusters } from '../harness/clusters.ts'
import { TestFront } from '../harness/front.ts'
import { JavaClient } from '../harness/java/client.ts'
import { bytesOf, textOf } from '../harness/records.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

/** Confluent's REST Proxy v3 over the newest and the oldest Kafka, both secured; Kafka's Java client is the judge. */

const { clusters, stop } = await startClusters({
  newest: { kafka: NEWEST, security: true },
  oldest: { kafka: OLDEST, security: true },
})
const java = await JavaClient.start()
const front = await TestFront.start(
  [...v3Routes, ...groupPositionRoutes, ...replicaRoutes],
  [clusters.newest, clusters.oldest],
)
after(async () => {
  await front[Symbol.asyncDispose]()
  await java.close()
  await stop()
})

type Resource = Readonly<Record<string, unknown>>
type List = { readonly metadata: { readonly next: string }; readonly data: readonly Resource[] }

/** The named fields of each resource of a list. */
function rows({ data }: List, ...fields: readonly string[]): unknown[][] {
  return data.map((one) => fields.map((field) => one[field]))
}

/** What a stream answers, object by object. */
async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Resource, never> {
  let text = ''
  for await (const chunk of body) {
    text += Buffer.from(chunk).toString()
    const lines = text.split('\n')
    text = lines.pop()!
    for (const line of lines) yield JSON.parse(line)
  }
  return undefined as never
}

for (const version of ['newest', 'oldest'] as const) {
  describe(`the ${version} Kafka`, () => {
    const { access, clusterId } = clusters[version]
    const base = `/v3/clusters/${clusterId}`
    const get = async <Body = Resource>(path: string) => (await front.ask<Body>(base + path)).body
    const send = async (method: string, path: string, body?: unknown) => {
      const { status, body: told } = await front.ask<Resource>(base + path, { method, body })
      return [status, told?.error_code ?? null]
    }

    before(async () => {
      const configs = { 'retention.ms': '60000' }
      await java.createTopics(access, [{ name: 'orders', partitions: 3, configs }])
      const records = Array.from({ length: 12 }, (_, id) => ({ partition: id % 3, value: bytesOf(`v${id}`) }))
      await java.produce(access, 'orders', records)
      await java.commitPositions(access, 'billing', 'orders', { 0: 1, 1: 4 })
    })

    test('a cluster, its brokers and its topics', async () => {
      const cluster = await get('')
      assert.deepEqual([cluster.kind, cluster.cluster_id, cluster.name], ['KafkaCluster', clusterId, version])
      const brokers = rows(await get('/brokers'), 'host', 'port').map((address) => address.join(':'))
      assert.deepEqual(brokers, access.bootstrap)
      const shown = await get<List>('/topics?search=order')
      const topics = rows(shown, 'topic_name', 'partitions_count', 'replication_factor')
      assert.deepEqual(
        topics.map(([name]) => name),
        (await java.topics(access)).sort(),
      )
      assert.deepEqual(
        topics.find(([name]) => name === 'orders'),
        ['orders', 3, 1],
      )
      const held = rows(await get('/brokers/1/partition-replicas'), 'topic_name', 'is_leader', 'is_in_sync')
      assert.equal(held.filter((row) => row.join() === 'orders,true,true').length, 3)
    })

    test('a list comes in pages where it is asked to', async () => {
      const page = await get<List>('/topics?page_size=1')
      const next = (await front.ask<List>(page.metadata.next)).body
      assert.ok(String(rows(next, 'topic_name')[0]) > String(rows(page, 'topic_name')[0]))
      const found = await get<List>('/topics?page_size=1&search=RDER')
      assert.deepEqual([rows(found, 'topic_name'), found.metadata.next], [[['orders']], null])
    })

    test('partitions, replicas and offsets', async () => {
      assert.deepEqual(rows(await get('/topics/orders/partitions'), 'partition_id'), [[0], [1], [2]])
      const offset = await get('/topics/orders/partitions/1/offset')
      assert.deepEqual((await java.ranges(access, 'orders'))[1], [
        offset.earliest_offset,
        offset.latest_offset,
      ])
      const replicas = await get<List>('/topics/orders/partitions/2/replicas')
      assert.deepEqual(rows(replicas, 'broker_id', 'is_leader', 'is_in_sync'), [[1, true, true]])
      assert.deepEqual(await send('GET', '/topics/orders/partitions/9'), [404, 404])
      assert.deepEqual(await send('GET', '/topics/nothing/partitions'), [404, 40_403])
      assert.deepEqual(rows(await get('/topics/-/partitions/-/reassignment')), [])
    })

    test('settings are told and changed', async () => {
      const one = await get('/topics/orders/configs/retention.ms')
      assert.deepEqual([one.value, one.source, one.is_default], ['60000', 'DYNAMIC_TOPIC_CONFIG', false])
      const data = [
        { name: 'retention.ms', value: '70000' },
        { name: 'segment.ms', operation: 'SET', value: '9000' },
      ]
      const path = '/topics/orders/configs:alter'
      assert.deepEqual(await send('POST', path, { data, validate_only: true }), [204, null])
      assert.equal((await java.describeTopic(access, 'orders')).configs['retention.ms'], '60000')
      assert.deepEqual(await send('POST', path, { data }), [204, null])
      assert.deepEqual((await java.describeTopic(access, 'orders')).configs, {
        'retention.ms': '70000',
        'segment.ms': '9000',
      })
      const told = front.changes.at(-1)!
      assert.equal(told.action, 'topic.config')
      assert.match(JSON.stringify(told.change), /"retention.ms":"60000".*"value":"70000"/)
      assert.deepEqual(await send('DELETE', '/topics/orders/configs/segment.ms'), [204, null])
      const wrong = { data: [{ name: 'retention.ms', value: 'soon' }] }
      assert.deepEqual(await send('POST', path, wrong), [400, 40_002])
      assert.deepEqual(await send('GET', '/topics/orders/configs/no.such'), [404, 404])
      assert.ok((await get<List>('/topics/-/configs?search=orders')).data.length > 20)
    })

    test('settings of brokers: one, and all that have none of their own', async () => {
      assert.ok((await get<List>('/brokers/1/configs')).data.length > 100)
      const name = 'log.flush.interval.messages'
      assert.deepEqual(await send('PUT', `/broker-configs/${name}`, { value: '1000000' }), [204, null])
      // A broker obeys once it has read what the controller wrote.
      const all = async () => rows(await get('/broker-configs'), 'name', 'value', 'config_type').map(String)
      await waitUntil('the setting is told', async () => (await all()).includes(`${name},1000000,BROKER`), {
        withinMs: PATIENCE_MS,
      })
      assert.deepEqual(await send('DELETE', `/broker-configs/${name}`), [204, null])
      assert.deepEqual(await send('GET', '/brokers/9/configs'), [404, 404])
    })

    test('topics are made, grown and deleted', async () => {
      const body = {
        topic_name: 'new',
        partitions_count: 2,
        configs: [{ name: 'retention.ms', value: '5000' }],
      }
      assert.deepEqual(await send('POST', '/topics', { ...body, validate_only: true }), [200, null])
      assert.deepEqual(await send('POST', '/topics', body), [201, null])
      assert.deepEqual((await java.describeTopic(access, 'new')).configs, { 'retention.ms': '5000' })
      assert.deepEqual(await send('POST', '/topics', body), [400, 40_002])
      assert.deepEqual(await send('PATCH', '/topics/new', { partitions_count: 4 }), [200, null])
      assert.equal((await java.describeTopic(access, 'new')).leaders.length, 4)
      assert.deepEqual(await send('PATCH', '/topics/new', { partitions_count: 1 }), [400, 40_002])
      assert.deepEqual(await send('DELETE', '/topics/new'), [204, null])
      assert.deepEqual(await send('DELETE', '/topics/new'), [404, 40_403])
      assert.ok(!(await java.topics(access)).includes('new'))
    })

    test('groups, their members and how far they are behind', async () => {
      await java.join(access, 'reader', 'audit', ['orders'])
      const groups = rows(await get('/consumer-groups?search=i'), 'consumer_group_id', 'state', 'type')
      assert.deepEqual(groups, [
        ['audit', 'STABLE', 'CLASSIC'],
        ['billing', 'EMPTY', 'CLASSIC'],
      ])
      const [[consumer, client]] = rows(
        await get('/consumer-groups/audit/consumers'),
        'consumer_id',
        'client_id',
      ) as [[string, string]]
      assert.ok(consumer.startsWith(client))
      const read = await get<List>(`/consumer-groups/audit/consumers/${consumer}/assignments`)
      assert.deepEqual(rows(read, 'topic_name', 'partition_id'), [
        ['orders', 0],
        ['orders', 1],
        ['orders', 2],
      ])
      await java.leave('reader')
      const lags = await get<List>('/consumer-groups/billing/lags')
      const fields = ['partition_id', 'current_offset', 'log_end_offset', 'lag'] as const
      assert.deepEqual(rows(lags, ...fields), [
        [0, 1, 4, 3],
        [1, 4, 4, 0],
      ])
      const { total_lag, max_lag, max_lag_partition_id } = await get('/consumer-groups/billing/lag-summary')
      assert.deepEqual([total_lag, max_lag, max_lag_partition_id], [3, 3, 0])
      assert.deepEqual(await send('GET', '/consumer-groups/nobody'), [404, 40_405])
    })

    test('ACL entries are made, found and deleted', async () => {
      const entry = {
        resource_type: 'TOPIC',
        resource_name: 'shop.',
        pattern_type: 'PREFIXED',
        principal: 'User:ada',
        host: '*',
      }
      const read = { ...entry, operation: 'READ', permission: 'ALLOW' }
      assert.deepEqual(await send('POST', '/acls', read), [201, null])
      assert.deepEqual(
        await send('POST', '/acls:batch', { data: [{ ...read, operation: 'DESCRIBE_CONFIGS' }] }),
        [201, null],
      )
      const found = async () =>
        rows(await get('/acls?principal=User:ada'), 'operation', 'pattern_type').sort()
      await waitUntil('both are told', async () => (await found()).length === 2, { withinMs: PATIENCE_MS })
      assert.deepEqual(await found(), [
        ['DESCRIBE_CONFIGS', 'PREFIXED'],
        ['READ', 'PREFIXED'],
      ])
      assert.deepEqual(await send('DELETE', '/acls?principal=User:ada'), [400, 400])
      const all = 'resource_type=TOPIC&pattern_type=PREFIXED&operation=ANY&permission=ANY&principal=User:ada'
      assert.deepEqual(await send('DELETE', `/acls?${all}`), [200, null])
      await waitUntil('they are gone', async () => (await found()).length === 0, { withinMs: PATIENCE_MS })
    })

    test('records are written, one at a time and in batches, and say where they landed', async () => {
      const path = '/topics/written/records'
      // What is older than the topic's retention would be gone at once.
      const written = new Date(Date.now() - 60_000).toISOString()
      await java.createTopics(access, [{ name: 'written', partitions: 2 }])
      const one = {
        partition_id: 1,
        key: { type: 'STRING', data: 'k' },
        value: { type: 'JSON', data: { a: 1 } },
      }
      const { status, body } = await front.ask<Resource>(base + path, {
        body: { ...one, timestamp: written },
      })
      assert.equal(status, 200)
      const { error_code, partition_id, offset, timestamp, key, value } = body
      assert.deepEqual([error_code, partition_id, offset, timestamp], [200, 1, 0, written])
      assert.deepEqual(
        [key, value],
        [
          { type: 'STRING', size: 1 },
          { type: 'JSON', size: 7 },
        ],
      )
      assert.deepEqual(await send('POST', '/topics/nothing/records', one), [404, 40_403])
      const [seen] = await java.read(access, 'written')
      assert.deepEqual([textOf(seen!.key), textOf(seen!.value)], ['k', '{"a":1}'])
    })

    test('each record of a batch has an outcome of its own', async () => {
      await java.createTopics(access, [{ name: 'batched', partitions: 1 }])
      const entries = [
        {
          id: 'a',
          partition_id: 0,
          value: { type: 'BINARY', data: bytesOf('bytes') },
          headers: [{ name: 'h', value: bytesOf('v') }],
        },
        { id: 'b', partition_id: 9, value: { type: 'STRING', data: 'nowhere' } },
        { id: 'c', partition_id: 0, value: { type: 'BINARY', data: 'no base64!' } },
        { id: 'd', partition_id: 0, value: { type: 'AVRO', data: {} } },
        { id: 'e', partition_id: 0 },
      ]
      const batch = await front.ask<Record<string, Resource[]>>(`${base}/topics/batched/records:batch`, {
        body: { entries },
      })
      assert.equal(batch.status, 207)
      assert.deepEqual(
        batch.body.successes!.map((entry) => [entry.id, entry.offset]),
        [
          ['a', 0],
          ['e', 1],
        ],
      )
      assert.deepEqual(
        batch.body.failures!.map((entry) => [entry.id, entry.error_code]),
        [
          ['b', 40_402],
          ['c', 42_206],
          ['d', 501],
        ],
      )
      const seen = (await java.read(access, 'batched')).map(({ value }) => textOf(value))
      assert.deepEqual(seen, ['bytes', null])
    })

    test('a stream of records is answered line by line as it comes', async () => {
      await java.createTopics(access, [{ name: 'streamed', partitions: 1 }])
      const record = (text: string) => JSON.stringify({ value: { type: 'STRING', data: text } })
      const sent = new TransformStream<Uint8Array>()
      const writer = sent.writable.getWriter()
      const write = (text: string) => writer.write(Buffer.from(text))
      const asked = fetch(`${front.url}${base}/topics/streamed/records`, {
        ...{ method: 'POST', headers: { authorization: 'admin', 'content-type': 'application/json' } },
        ...{ body: sent.readable, duplex: 'half' },
      })
      await write(record('first'))
      const lines = linesOf((await asked).body!)
      assert.equal((await lines.next()).value.offset, 0)
      await write(record('second') + record('third').slice(0, 5))
      assert.equal((await lines.next()).value.offset, 1)
      await write(`${record('third').slice(5)}{"value":{"type":"BINARY","data":7}}`)
      assert.equal((await lines.next()).value.offset, 2)
      assert.equal((await lines.next()).value.error_code, 42_206)
      await writer.close()
      assert.equal((await lines.next()).done, true)
      assert.deepEqual(
        (await java.read(access, 'streamed')).map(({ value }) => textOf(value)),
        ['first', 'second', 'third'],
      )
    })

    test('a group is moved as the preview says, while nobody reads in it', async () => {
      await java.createTopics(access, [{ name: 'moved', partitions: 2 }])
      const records = Array.from({ length: 6 }, (_, id) => ({ partition: id % 2, value: bytesOf(`m${id}`) }))
      await java.produce(access, 'moved', records)
      await java.commitPositions(access, 'mover', 'moved', { 0: 3 })
      const path = `/api/clusters/${version}/groups/mover/positions`
      const body = { topic: 'moved', to: '-1' }
      const move = { start: 0, end: 3, after: 2 }
      const moves = [
        { partition: 0, before: 3, ...move },
        { partition: 1, before: null, ...move },
      ]
      assert.deepEqual((await front.ask<Resource>(`${path}:preview`, { body })).body, { moves })
      assert.equal((await java.positions(access, 'mover'))['moved-0']!.offset, 3)
      assert.notEqual((await front.ask(path, { body })).status, 200, 'not without its name')
      const order = { ...body, confirm: 'mover' }
      assert.deepEqual((await front.ask<Resource>(path, { body: order })).body, { moves })
      const positions = await java.positions(access, 'mover')
      assert.deepEqual([positions['moved-0']!.offset, positions['moved-1']!.offset], [2, 2])
      await java.join(access, 'busy', 'mover', ['moved'])
      const refused = await front.ask<{ readonly error: Resource }>(path, { body: order })
      assert.deepEqual([refused.status, refused.body.error.code], [409, 'GROUP_IN_USE'])
      await java.leave('busy')
    })

    test('leaders are elected, and replicas moved to where they are', async () => {
      const topic = `/api/clusters/${version}/topics/orders`
      const elected = await front.ask<{ readonly partitions: Resource[] }>(`${topic}/leaders:elect`, {
        body: {},
      })
      assert.deepEqual(elected.body.partitions[2], { partition: 2, changed: false, error: null })
      const partitions = [{ partition: 0, replicas: [1] }]
      const row = { partition: 0, before: [1], after: [1], error: null }
      const preview = await front.ask<Resource>(`${topic}/replicas:preview`, { body: { partitions } })
      assert.deepEqual(preview.body, { partitions: [row] })
      const moved = await front.ask<Resource>(`${topic}/replicas`, {
        body: { partitions, confirm: 'orders' },
      })
      assert.deepEqual(moved.body, { partitions: [row] })
      const nowhere = { partitions: [{ partition: 0, replicas: [99] }], confirm: 'orders' }
      const refused = await front.ask<{ readonly partitions: Resource[] }>(`${topic}/replicas`, {
        body: nowhere,
      })
      assert.match(String(refused.body.partitions[0]!.error), /INVALID_REPLICA_ASSIGNMENT/)
    })

    test('a viewer reads and changes nothing', async () => {
      const asked = { as: 'viewer', body: { topic_name: 'mine' } } as const
      assert.equal((await front.ask(`${base}/topics`, { as: 'viewer' })).status, 200)
      assert.equal((await front.ask(`${base}/topics`, asked)).status, 403)
    })
  })
}
