import assert from 'node:assert/strict'
import { test } from 'node:test'
import { seen } from '../../fleet/run/testing/route-seen.ts'
import { exposition } from './exposition.ts'

test('metrics say of a route what its overview says', () => {
  const closed = { GATEWAY_BAD_FRAME: 2 }
  const report = { cluster: 'seoul', entries: 2, unfenced: [], refused: [] }
  const fence = { ...report, state: 'raised' as const }
  const writer = { topic: 'orders', partition: 0, producerId: 7, producerEpoch: 0, transactionalId: null }
  const directWriters = [{ ...writer, lastAt: 1, grownBy: 3 }]
  const routes = [seen({ closed, fence: 'hold', left: { cluster: 'seoul', fence, directWriters } })]
  const status = { fleet: 'f', file: '/f', at: 1, supervisor: null, clusters: [], links: [], routes }
  const text = exposition(status, { version: '1', partitions: false })
  for (const line of [
    'kmc_route_info{route="shop",primary="seoul",standby="virginia"} 1',
    'kmc_route_state{route="shop",state="serving"} 1',
    'kmc_route_leads_to{route="shop",cluster="virginia"} 1',
    'kmc_route_leads_to{route="shop",cluster="seoul"} 0',
    'kmc_route_fence{route="shop",fence="hold"} 1',
    'kmc_route_direct_writers{route="shop"} 1',
    'kmc_route_left_denied{route="shop"} 1',
    'kmc_route_connections{route="shop"} 4',
    'kmc_route_closed_connections_total{route="shop",code="GATEWAY_BAD_FRAME"} 2',
  ]) {
    assert.ok(text.includes(`\n${line}\n`), line)
  }
})
