import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { ConsumerInstances } from '../../src/server/rest-v2/consumer/instances.ts'
import { restV2Routes } from '../../src/server/rest-v2/routes.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { type Asked, TestFront } from '../harness/front.ts'
import { JavaClient } from '../harness/java/client.ts'
import { bytesOf, textOf } from '../harness/records.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

/** Confluent's REST Proxy v2 as its clients call it; Java's client is the judge. */

// Joining a group anew takes three seconds unless the broker is told not to wait for more members.
const config = { 'group.initial.rebalance.delay.ms': '0' }
const { clusters, stop } = await startClusters({ shop: { kafka: NEWEST, security: true, config } })
const java = await JavaClient.start()
const instances = new ConsumerInstances({ instancesMax: 5 })
const front = await TestFront.start(restV2Routes(instances), [clusters.shop])
after(async () => {
  await instances[Symbol.asyncDispose]()
  await front[Symbol.asyncDispose]()
  await java.close()
  await stop()
})

type Body = Readonly<Record<string, unknown>>
type Shown = {
  readonly key: unknown
  readonly value: unknown
  readonly partition: number
  readonly offset: number
}

const PLAIN = 'application/vnd.kafka.v2+json'
const JSON_TYPE = 'application/vnd.kafka.json.v2+json'
const BINARY = 'application/vnd.kafka.binary.v2+json'

const { access } = clusters.shop
const base = '/clusters/shop'
const call = (path: string, asked: Asked & { readonly type?: string } = {}) =>
  front.ask<Body>(base + path, {
    ...asked,
    headers: {
      ...(asked.body === undefined ? {} : { 'content-type': asked.type ?? PLAIN }),
      ...asked.headers,
    },
  })
const codeOf = async (...args: Parameters<typeof call>) => {
  const { status, body } = await call(...args)
  return [status, body.error_code]
}

/** A new consumer instance: how to ask it. */
async function consumer(group: string, settings: Body) {
  const { status, body } = await call(`/consumers/${group}`, { body: settings })
  assert.equal(status, 200, JSON.stringify(body))
  const path = new URL(body.base_uri as string).pathname
  assert.equal(path, `${base}/consumers/${group}/instances/${body.instance_id}`)
  const own = path.slice(base.length)
  const accept = settings.format === 'json' ? JSON_TYPE : BINARY
  const ask = (what: string, asked: Parameters<typeof call>[1] = {}) => call(`${own}/${what}`, asked)
  const post = async (what: string, sent?: unknown) => {
    const told = await ask(what, { method: 'POST', body: sent })
    assert.ok(told.status < 300, JSON.stringify(told.body))
  }
  const records = async (query = '') => {
    const told = await ask(`records${query}`, { headers: { accept } })
    assert.equal(told.status, 200, JSON.stringify(told.body))
    assert.equal(told.headers.get('content-type'), accept)
    return told.body as unknown as Shown[]
  }
  /** Until so many have come. */
  const read = async (count: number) => {
    const all: Shown[] = []
    const come = async () => {
      all.push(...(await records()))
      return all.length >= count
    }
    await waitUntil(`${count} records have come`, come, { withinMs: PATIENCE_MS })
    return all.map(({ partition, offset, value }) => [partition, offset, value])
  }
  return { own, ask, post, records, read, end: () => call(own, { method: 'DELETE' }) }
}

before(async () => {
  await java.createTopics(access, [
    { name: 'orders', partitions: 2 },
    { name: 'shared', partitions: 2 },
  ])
})

test('topics and partitions', async () => {
  const names = (await call('/topics')).body as unknown as string[]
  assert.ok(names.includes('orders'))
  const topic = (await call('/topics/orders')).body
  assert.equal((topic.configs as Body)['cleanup.policy'], 'delete')
  const partition = { partition: 1, leader: 1, replicas: [{ broker: 1, leader: true, in_sync: true }] }
  assert.deepEqual((topic.partitions as Body[])[1], partition)
  assert.deepEqual((await call('/topics/orders/partitions/1')).body, partition)
  assert.deepEqual((await call('/topics/orders/partitions/0/offsets')).body, {
    beginning_offset: 0,
    end_offset: 0,
  })
  assert.deepEqual((await call('/brokers')).body, { brokers: [1] })
  assert.deepEqual(await codeOf('/topics/nothing'), [404, 404_01])
  assert.deepEqual(await codeOf('/topics/orders/partitions/7'), [404, 404_02])
  assert.deepEqual(await codeOf('/topics', { headers: { accept: 'text/csv' } }), [406, 406])
  assert.equal((await call('/topics')).headers.get('content-type'), PLAIN)
})

test('records are written in JSON and base64, and say where they landed', async () => {
  const written = await call('/topics/orders', {
    type: JSON_TYPE,
    body: {
      records: [
        { key: 'k', value: { id: 1 }, partition: 0 },
        { value: 2, partition: 0 },
      ],
    },
  })
  const places = (written.body.offsets as Body[]).map(({ partition, offset, error_code }) => [
    partition,
    offset,
    error_code,
  ])
  assert.deepEqual(places, [
    [0, 0, null],
    [0, 1, null],
  ])
  const bytes = { records: [{ key: bytesOf('kk'), value: bytesOf('vv') }] }
  const one = await call('/topics/orders/partitions/1', { type: BINARY, body: bytes })
  assert.deepEqual((one.body.offsets as Body[])[0]!.partition, 1)
  const seen = (await java.read(access, 'orders')).map(({ key, value }) => [textOf(key), textOf(value)])
  assert.deepEqual(seen, [
    ['"k"', '{"id":1}'],
    [null, '2'],
    ['kk', 'vv'],
  ])
})

test('what cannot be written is refused under the numbers that clients know', async () => {
  const body = { records: [{ value: 'x' }] }
  assert.deepEqual(await codeOf('/topics/orders', { body, type: 'application/json' }), [415, 415])
  assert.deepEqual(await codeOf('/topics/nothing', { body, type: JSON_TYPE }), [404, 404_01])
  assert.deepEqual(await codeOf('/topics/orders/partitions/9', { body, type: JSON_TYPE }), [404, 404_02])
  assert.deepEqual(await codeOf('/topics/orders', { body: { records: [] }, type: JSON_TYPE }), [422, 422_06])
  assert.deepEqual(await codeOf('/topics/orders', { body: '{', type: JSON_TYPE }), [400, 400])
  assert.deepEqual(await codeOf('/topics/orders', { body, type: JSON_TYPE, as: 'viewer' }), [403, 403])
})

test('a consumer instance subscribes, reads, commits, goes back and ends', async () => {
  const group = 'rest'
  const one = await consumer(group, { name: 'c1', format: 'json', 'auto.offset.reset': 'earliest' })
  assert.deepEqual(await codeOf(`/consumers/${group}`, { body: { name: 'c1' } }), [409, 409_02])
  assert.deepEqual((await one.ask('records')).status, 409)
  await one.post('subscription', { topics: ['orders'] })
  assert.deepEqual((await one.ask('subscription')).body, { topics: ['orders'] })
  const mixed = await one.ask('assignments', {
    body: { partitions: [{ topic: 'orders', partition: 0 }] },
  })
  assert.deepEqual([mixed.status, mixed.body.error_code], [409, 409_03])
  const other = await one.ask('records', { headers: { accept: BINARY } })
  assert.deepEqual([other.status, other.body.error_code], [406, 406_01])

  assert.deepEqual(await one.read(2), [
    [0, 0, { id: 1 }],
    [0, 1, 2],
  ])
  assert.deepEqual((await one.ask('assignments')).body.partitions, [
    { topic: 'orders', partition: 0 },
    { topic: 'orders', partition: 1 },
  ])
  // What stands in partition 1 is no JSON: told, again and again, until somebody goes beyond it.
  const unreadable = await one.ask('records', { headers: { accept: JSON_TYPE } })
  assert.deepEqual([unreadable.status, unreadable.body.error_code], [422, 422_07])
  await one.post('positions', { offsets: [{ topic: 'orders', partition: 1, offset: 1 }] })
  assert.deepEqual(await one.records('?timeout=50'), [])

  await one.post('offsets')
  const positions = await java.positions(access, group)
  assert.deepEqual([positions['orders-0']!.offset, positions['orders-1']!.offset], [2, 1])
  await one.post('offsets', { offsets: [{ topic: 'orders', partition: 0, offset: 0 }] })
  const partitions = [{ topic: 'orders', partition: 0 }]
  await one.post('positions/beginning', { partitions })
  assert.deepEqual((await one.read(2)).length, 2)
  await one.post('positions/end', { partitions })
  assert.deepEqual(await one.records('?timeout=50'), [])
  const foreign = await one.ask('positions/end', {
    body: { partitions: [{ topic: 'shared', partition: 0 }] },
  })
  assert.deepEqual([foreign.status, foreign.body.error_code], [409, 409_03])

  assert.equal((await one.end()).status, 204)
  assert.deepEqual(await codeOf(`${one.own}/records`), [404, 404_03])
})

test('partitions that were named are read from where the group was, within the bytes asked for', async () => {
  const one = await consumer('named', { format: 'binary', 'auto.offset.reset': 'earliest' })
  await one.post('assignments', { partitions: [{ topic: 'orders', partition: 0 }] })
  const first = await one.records('?max_bytes=1')
  assert.deepEqual([first.length, textOf(first[0]!.value as string)], [1, '{"id":1}'])
  await one.end()
  const next = await consumer('named', { format: 'binary' })
  await next.post('assignments', { partitions: [{ topic: 'orders', partition: 0 }] })
  assert.deepEqual(
    (await next.read(1)).map(([, offset]) => offset),
    [1],
  )
  await next.end()
})

test('an instance shares a group with a Java client, and takes over when that leaves', async () => {
  const records = Array.from({ length: 4 }, (_, id) => ({ partition: id % 2, value: bytesOf(`${id}`) }))
  await java.produce(access, 'shared', records)
  await java.join(access, 'beside', 'both', ['shared'])
  const one = await consumer('both', { format: 'json', 'auto.offset.reset': 'earliest' })
  await one.post('subscription', { topic_pattern: 'sh.*' })
  const held = async () => {
    await one.records('?timeout=10')
    return ((await one.ask('assignments')).body.partitions as unknown[]).length
  }
  await waitUntil('it has one of two partitions', async () => (await held()) === 1, {
    withinMs: PATIENCE_MS,
  })
  await java.leave('beside')
  await waitUntil('it has both', async () => (await held()) === 2, { withinMs: PATIENCE_MS })
  await one.end()
})

test('instances are counted, and belong to whoever made them', async () => {
  const all = await Promise.all(['a', 'b', 'c', 'd', 'e'].map(() => consumer('many', {})))
  assert.deepEqual(await codeOf('/consumers/many', { body: {} }), [429, 429])
  assert.deepEqual(await codeOf(`${all[0]!.own}/records`, { as: 'operator' }), [404, 404_03])
  for (const one of all) await one.end()
  assert.deepEqual(await codeOf('/consumers/many', { body: { format: 'yaml' } }), [422, 422_04])
  assert.deepEqual(await codeOf('/consumers/many', { body: {}, as: 'viewer' }), [403, 403])
})
