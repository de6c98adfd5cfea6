import assert from 'node:assert/strict'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { assertCode } from '../../../test/kit/assert-code.ts'
import { quietHouse } from '../../../test/kit/quiet-house.ts'
import type { Clock } from '../../base/clock.ts'
import { silentLog } from '../../base/log.ts'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import { LagHistory } from '../../observe/history/history.ts'
import { unknownLag } from '../../observe/lag/lag.ts'
import { clusterView, groupPartition, groupView, known } from '../../observe/watch/testing/views.ts'
import type { ClusterView } from '../../observe/watch/view.ts'
import { historyRoutes, type LagSeries } from '../api/history.ts'
import { ClusterDoors } from '../cluster-doors.ts'
import type { Call } from '../http/route.ts'
import { LagRecorder } from './lag-recorder.ts'

/** A whole number of ten minutes. */
const NOW = 1_800_000_000_000
const doors = new ClusterDoors({ clusters: () => [], access: () => Promise.reject(new Error('none')) })
/** Nobody looks but when the test says so. */
const clock: Clock = {
  now: () => NOW + 1_000,
  sleep: (_, signal) => new Promise((resolve) => signal?.addEventListener('abort', () => resolve())),
  after: () => () => {},
}

function seen(records: number, at: number): ClusterView {
  const lag = { ...unknownLag, records }
  const group = groupView({ lag, partitions: [groupPartition({ lag })] })
  const value = {
    groups: new Map([['readers', group]]),
    commits: 'log',
    commitsTrouble: null,
    missing: [],
  } as const
  return clusterView({ groups: known(value, at) })
}

function linkOf(records: number | null, at: number): FleetStatus['links'][number] {
  const lag = { records, bytes: null, seconds: null, at }
  return { name: 'dr', lag, mirrors: [{ topic: 'orders', lag }] } as unknown as FleetStatus['links'][number]
}

test('each look at a group or link is written once, and the API gives it back', async () => {
  const history = new LagHistory(join(mkdtempSync(join(tmpdir(), 'kmc-recorder-')), 'h.sqlite'), { clock })
  let view = seen(7, NOW)
  let link = linkOf(3, NOW)
  const watches = { view: () => null, all: () => [view] }
  const status = () => ({ links: [link] }) as unknown as FleetStatus
  const recorder = new LagRecorder({ history, watches, status, log: silentLog, clock })
  await recorder.record()
  view = seen(9, NOW)
  link = linkOf(5, NOW)
  await recorder.record()

  const house = quietHouse(doors, { history })
  const ask = (of: Record<string, string>, query: object = {}) => {
    const route = historyRoutes[Number('link' in of)]!
    const asked = route.query.parse({ from: String(NOW), to: String(NOW + 60_000), ...query })
    return route.handle({ house, params: of, query: asked } as unknown as Call<
      unknown,
      unknown,
      unknown
    >) as LagSeries
  }
  const group = { cluster: 'fra', group: 'readers' }
  const records = (series: LagSeries) => series.points.map((point) => point.records)
  assert.deepEqual(records(ask(group)), [7])
  assert.deepEqual(records(ask(group, { topic: 'orders' })), [7])
  assert.deepEqual(records(ask(group, { topic: 'orders', partition: '0' })), [7])
  assert.deepEqual(records(ask({ link: 'dr' })), [3])
  assert.deepEqual(records(ask({ link: 'dr' }, { topic: 'orders' })), [3])
  view = seen(9, NOW + 10_000)
  link = linkOf(null, NOW + 10_000)
  await recorder.record()
  assert.deepEqual(records(ask(group)), [7, 9])
  assert.deepEqual(records(ask({ link: 'dr' })), [3])
  assertCode('REQUEST_INVALID', () => ask(group, { partition: '0' }))
  assertCode('REQUEST_INVALID', () => ask(group, { to: String(NOW) }))
  await recorder[Symbol.asyncDispose]()
})
