import { z } from 'zod'
import { Reply, type Route, route } from '../http/route.ts'
import { byOtherNames, exporterNames } from './compat/exporters.ts'
import { exposition } from './exposition.ts'
import { readiness } from './readiness.ts'

const EXPOSITION_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
const TEXT_TYPE = 'text/plain; charset=utf-8'

export const healthRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/metrics',
    tag: 'health',
    summary:
      "Metrics in Prometheus' text format; `compat`: what the last looks found, by other exporters' names too",
    need: { role: 'viewer', on: 'fleet' },
    action: null,
    query: z.object({ compat: exporterNames.optional() }),
    answer: z.string(),
    handle({ house, query: { compat = [] } }) {
      const own = exposition(house.status(), { partitions: true, version: house.version })
      return text(200, own + byOtherNames(house.watches.all(), compat), EXPOSITION_TYPE)
    },
  }),
  route({
    method: 'GET',
    path: '/healthz',
    tag: 'health',
    summary: 'Whether the process answers',
    need: 'anyone',
    action: null,
    answer: z.string(),
    handle: () => text(200, 'ok\n'),
  }),
  route({
    method: 'GET',
    path: '/readyz',
    tag: 'health',
    summary: 'Whether every link and route works; what is missing is told to those who may see the fleet',
    need: 'anyone',
    action: null,
    answer: z.string(),
    handle({ house }) {
      const missing = readiness(house.status())
      return missing.length === 0 ? text(200, 'ready\n') : text(503, `${missing.length} not ready\n`)
    },
  }),
]

function text(status: number, body: string, type = TEXT_TYPE): Reply {
  return new Reply(status, body, { 'content-type': type })
}
