import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { commitOffsets } from '../../src/client/admin/commit-offsets.ts'
import { createTopics } from '../../src/client/admin/create-topics.ts'
import { Cluster } from '../../src/client/cluster.ts'
import { unwrap } from '../../src/client/outcome.ts'
import { produceRaw } from '../../src/client/produce.ts'
import type { FleetStatus } from '../../src/fleet/run/fleet-status.ts'
import { clusterViewRoutes } from '../../src/server/api/clusters.ts'
import { groupViewRoutes } from '../../src/server/api/groups.ts'
import { recordRoutes } from '../../src/server/api/records.ts'
import { topicViewRoutes } from '../../src/server/api/topics.ts'
import { buildBatch } from '../../src/wire/batch/build.ts'
import { NEWEST, startClusters } from '../harness/clusters.ts'
import { TestFront } from '../harness/front.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

/** What is told of a cluster without waiting for it; pages, filters, single records and the live tail: over HTTP. */

const { clusters, stop } = await startClusters({ seoul: { kafka: NEWEST } })
const cluster = await Cluster.connect(clusters.seoul.config)
const lag = { records: 3, bytes: 30, seconds: 1, at: 0 }
/** What a supervisor would say of a link that copies orders elsewhere. */
const links = [
  {
    name: 'dr',
    from: 'seoul',
    to: 'tokyo',
    mirrors: [{ topic: 'orders', mirror: 'kr.orders', state: 'active', lag }],
  },
] as unknown as FleetStatus['links']
const routes = [...clusterViewRoutes, ...topicViewRoutes, ...groupViewRoutes, ...recordRoutes]
const front = await TestFront.start(routes, [clusters.seoul], { links })
after(async () => {
  await front[Symbol.asyncDispose]()
  await cluster.close()
  await stop()
})

type Shown = {
  readonly partition: number
  readonly offset: number
  readonly value: {
    readonly type: string
    readonly text?: string
    readonly sizeBytes: number
    readonly isCut: boolean
  }
}
type Page = { readonly records: Shown[]; readonly end: string; readonly next: string | null }

const topicUrl = (topic: string) => `/api/clusters/seoul/topics/${topic}`

const get = <Body>(path: string) => front.ask<Body>(path, { as: 'viewer' })
/** Answers that are no JSON. */
const raw = (path: string, signal: AbortSignal | null = null) =>
  fetch(front.url + path, { headers: { authorization: 'viewer' }, signal })

async function write(
  topic: string,
  partition: number,
  values: readonly Buffer[],
  firstTime: number,
): Promise<void> {
  const records = values.map((value, index) => {
    return { timestamp: firstTime + index * 10, key: Buffer.from(`k${index}`), value, headers: [] }
  })
  await cluster.refresh([topic])
  const { topicId } = cluster.metadata.topic(topic)!
  const node = cluster.metadata.leaderOf(topic, partition)!
  const batch = { topic, topicId, partition, batch: buildBatch({ records }) }
  const [answer] = await produceRaw(cluster, node, 'data', [batch], { timeoutMs: 10_000 })
  assert.equal(answer!.errorCode, 0)
}

const order = (partition: number, number: number) =>
  Buffer.from(JSON.stringify({ partition, number, status: number % 10 === 0 ? 'open' : 'paid' }))

describe('records are browsed', async () => {
  unwrap(
    (
      await createTopics(cluster, [
        { name: 'orders', partitions: 2, configs: { 'max.message.bytes': '30000000', 'retention.ms': '-1' } },
      ])
    )[0]!,
  )
  for (const partition of [0, 1]) {
    const values = Array.from({ length: 150 }, (_, number) => order(partition, number))
    await write('orders', partition, values, 1_700_000_000_000 + partition)
  }
  const places = ({ records }: Page) => records.map(({ partition, offset }) => `${partition}@${offset}`)

  test('clusters, topics and groups are told by the last look at them, with readers and mirrors', async () => {
    const positions = [0, 1].map((partition) => ({ topic: 'orders', partition, offset: 140, metadata: '' }))
    const [outcomes] = await commitOffsets(cluster, [{ groupId: 'billing', offsets: positions }])
    for (const outcome of outcomes!) unwrap(outcome)
    type Group = {
      readonly total: number
      readonly rows: { readonly lag: { readonly records: number | null } }[]
    }
    const groups = () => get<Group>(`/api/groups?search=BILL&sort=records&descending=true`)
    await waitUntil('the lag of billing', async () => (await groups()).body.rows[0]?.lag.records === 20, {
      withinMs: PATIENCE_MS,
    })
    const { body } = await get<{ rows: Record<string, unknown>[] }>(`/api/topics`)
    const [orders] = body.rows
    assert.deepEqual(
      body.rows.map(({ topic }) => topic),
      ['orders'],
    )
    assert.match(
      JSON.stringify(orders),
      /"readers":\[\{"group":"billing".*"records":20.*"mirrors":\[\{"link":"dr","cluster":"tokyo","topic":"kr.orders"/,
    )
    const one = await get<{ partitions: { position: number; end: number }[] }>(
      `/api/clusters/seoul/groups/billing`,
    )
    assert.deepEqual(
      one.body.partitions.map(({ position, end }) => [position, end]),
      [
        [140, 150],
        [140, 150],
      ],
    )
    const clusters = await get<{ clusters: { brokers: number; age: { at: number } }[] }>(`/api/clusters`)
    assert.equal(clusters.body.clusters[0]!.brokers, 1)
    const seoul = await get<{ brokerList: { isController: boolean }[] }>(`/api/clusters/seoul`)
    assert.deepEqual(
      seoul.body.brokerList.map(({ isController }) => isController),
      [true],
    )
    assert.equal((await get(`/api/clusters/seoul/groups/nobody`)).status, 404)
  })

  test('the newest come first, over all partitions by time, page by page to the beginning', async () => {
    const seen: string[] = []
    let cursor = ''
    for (let pages = 1; ; pages++) {
      const { body } = await get<Page>(`${topicUrl('orders')}/records?limit=70${cursor}`)
      seen.push(...places(body))
      if (body.next === null) break
      assert.equal(body.records.length, 70)
      assert.ok(pages < 6)
      cursor = `&cursor=${body.next}`
    }
    const wanted = Array.from({ length: 150 }, (_, back) => [`1@${149 - back}`, `0@${149 - back}`]).flat()
    assert.deepEqual(seen, wanted)
  })

  test('a filter finds what it holds for; one that is wrong is refused with the place', async () => {
    const filter = encodeURIComponent('value.status == "open" && value.partition == 1')
    const { body } = await get<Page>(`${topicUrl('orders')}/records?order=oldest&filter=${filter}`)
    assert.deepEqual(
      places(body),
      Array.from({ length: 15 }, (_, index) => `1@${index * 10}`),
    )
    assert.equal(body.end, 'all')
    const wrong = await get(`${topicUrl('orders')}/records?filter=${encodeURIComponent('value = 1')}`)
    assert.match(JSON.stringify(wrong.body), /FILTER_INVALID.*character 7/)
  })

  test('a page begins at an offset, a time, or some before the end', async () => {
    const first = async (from: string) => {
      const url = `${topicUrl('orders')}/records?order=oldest&limit=1&partition=0&from=${from}`
      return places((await get<Page>(url)).body)[0]
    }
    assert.deepEqual(
      [await first('17'), await first('-5'), await first('@1700000000100'), await first('beginning')],
      ['0@17', '0@145', '0@10', '0@0'],
    )
    const beyond = await get(`${topicUrl('orders')}/records?from=4000`)
    assert.match(JSON.stringify(beyond.body), /holds offsets 0 to 149, not 4000/)
  })

  test('a huge record is shown in part, and given whole to who asks for it', async () => {
    await write('orders', 0, [Buffer.alloc(20 * 1024 * 1024, 'x')], Date.now())
    const { body } = await get<Page>(`${topicUrl('orders')}/records?limit=1`)
    const { value, offset } = body.records[0]!
    assert.deepEqual([value.isCut, value.sizeBytes, value.text?.length], [true, 20 * 1024 * 1024, 16 * 1024])
    const one = await get<Shown>(`${topicUrl('orders')}/partitions/0/records/${offset}`)
    assert.equal(one.body.value.text?.length, 20 * 1024 * 1024)
    const file = await raw(`${topicUrl('orders')}/partitions/0/records/${offset}/value`)
    assert.match(file.headers.get('content-disposition')!, /^attachment; filename="orders-0-150.value"$/)
    assert.equal((await file.arrayBuffer()).byteLength, 20 * 1024 * 1024)
  })

  test('what is not there is said', async () => {
    assert.match(
      JSON.stringify((await get(`${topicUrl('nothing')}/records`)).body),
      /UNKNOWN_TOPIC_OR_PARTITION/,
    )
    assert.equal((await get(`${topicUrl('orders')}/records?partition=0,7`)).status, 404)
    assert.match(
      JSON.stringify((await get(`${topicUrl('orders')}/partitions/1/records/4000`)).body),
      /OFFSET_GONE/,
    )
    assert.match(
      JSON.stringify((await get(`${topicUrl('orders')}/records?cursor=abc`)).body),
      /CURSOR_INVALID/,
    )
  })

  test('the tail tells what is written from now on, what the filter leaves and how much was skipped', async () => {
    const filter = encodeURIComponent('value.status == "open"')
    const leave = new AbortController()
    const response = await raw(`${topicUrl('orders')}/records:tail?filter=${filter}`, leave.signal)
    assert.equal(response.headers.get('content-type'), 'text/event-stream')
    let text = ''
    const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
    const numbers = () => [...text.matchAll(/\\"number\\":(\d+)/g)].map((match) => Number(match[1]))
    for (let round = 1; numbers().length < 2; round++) {
      await write('orders', 1, [order(1, round * 10), order(1, round * 10 + 1)], Date.now())
      text += (await reader.read()).value ?? ''
      assert.ok(round < 200)
    }
    assert.ok(numbers().every((number) => number % 10 === 0))
    assert.match(text, /^: open\n\nevent: records\ndata: \{"records":\[.*"skipped":0\}\n\n/s)
    leave.abort()
  })
})
