import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { quietHouse } from '../../../test/kit/quiet-house.ts'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import { ClusterDoors } from '../cluster-doors.ts'
import type { Door } from '../door/door.ts'
import { startHttp } from '../http/server.ts'
import { linkRoutes } from './links.ts'

const lag = { records: 4, bytes: null, seconds: null, at: 77 }
const partition = {
  partition: 0,
  state: 'active',
  worker: null,
  sourceEnd: 9,
  destinationEnd: 5,
  lag,
  fault: null,
}
const fault = { code: 'DIVERGED', message: 'why', remedy: '', evidence: {}, since: 1 }
const status = {
  clusters: [
    { name: 'seoul', clusterId: 'id-s' },
    { name: 'tokyo', clusterId: 'id-t' },
  ],
  links: [
    {
      ...{ name: 'dr', from: 'seoul', to: 'tokyo', state: 'active', fault: null },
      mirrors: [
        { topic: 'orders', mirror: 'dr.orders', state: 'active', lag, fault: null, partitions: [partition] },
        { topic: 'pages', mirror: 'dr.pages', state: 'faulted', lag, fault, partitions: [] },
      ],
    },
    { name: 'hidden', from: 'seoul', to: 'tokyo', state: 'paused', fault: null, mirrors: [] },
  ],
} as unknown as FleetStatus

const doors = new ClusterDoors({
  clusters: () => status.clusters,
  access: () => Promise.reject(new Error('nobody asks a cluster')),
})
const door: Door = {
  admit() {},
  identify: () => ({ name: 'ada', by: 'token', grants: [{ role: 'viewer', links: ['dr'] }] }),
}
const house = quietHouse(doors, { status: () => status })
const server = await startHttp({ routes: linkRoutes, house, door, host: '127.0.0.1', port: 0 })
after(() => server.close())

type Body = { readonly data: readonly Record<string, unknown>[]; readonly [field: string]: unknown }

async function ask(path: string, method = 'GET'): Promise<{ readonly status: number; readonly body: Body }> {
  const answer = await fetch(`${server.url}/v3/clusters/${path}`, { method })
  return { status: answer.status, body: (await answer.json()) as Body }
}

test('links belong to their destination, and those that may not be seen are left out', async () => {
  const { body } = await ask('id-t/links')
  assert.deepEqual(
    body.data.map(({ link_name, source_cluster_id, link_state, topics_names }) => [
      ...[link_name, source_cluster_id, link_state, topics_names],
    ]),
    [['dr', 'id-s', 'ACTIVE', ['dr.orders', 'dr.pages']]],
  )
  assert.deepEqual((await ask('seoul/links')).body.data, [])
  assert.equal((await ask('tokyo/links/dr')).body.link_error, 'NO_ERROR')
  assert.equal((await ask('tokyo/links/hidden')).status, 403)
  assert.equal((await ask('seoul/links/dr')).status, 404)
})

test('mirrors tell their lag by partition and what is wrong with them', async () => {
  const one = (await ask('tokyo/links/dr/mirrors/dr.orders')).body
  const { source_topic_name, num_partitions, mirror_lags, mirror_status } = one
  assert.deepEqual(
    [source_topic_name, num_partitions, mirror_lags, mirror_status],
    ['orders', 1, [{ partition: 0, lag: 4, last_source_fetch_offset: 5 }], 'ACTIVE'],
  )
  const failed = (await ask('tokyo/links/-/mirrors?mirror_status=failed')).body.data
  assert.deepEqual(
    failed.map(({ mirror_topic_name, mirror_topic_error }) => [mirror_topic_name, mirror_topic_error]),
    [['dr.pages', 'DIVERGED']],
  )
  assert.equal((await ask('tokyo/links/dr/mirrors')).body.data.length, 2)
})

test('what is done elsewhere says where', async () => {
  const { status: code, body } = await ask('tokyo/links/dr/mirrors:promote', 'POST')
  assert.equal(code, 501)
  assert.match(String(body.message), /POST \/api\/links\/LINK\/mirrors:promote/)
})
