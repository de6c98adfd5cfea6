import { z } from 'zod'
import type { SeriesName } from '../../observe/history/history.ts'
import { serverError } from '../errors.ts'
import type { House } from '../house.ts'
import { type Route, route } from '../http/route.ts'

const HOUR_MS = 60 * 60_000
const POINTS = 300
const POINTS_MAX = 2_000

const instant = z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER)

const range = {
  from: instant.optional().describe('milliseconds since the epoch; an hour before `to` when left out'),
  to: instant.optional().describe('not part of it; now when left out'),
  points: z.coerce.number().int().min(1).max(POINTS_MAX).default(POINTS).describe('at most so many'),
}

const topicName = z.string().min(1).max(249)
const groupQuery = z.object({
  ...range,
  topic: topicName.optional().describe('of this topic alone'),
  partition: z.coerce.number().int().min(0).max(2_147_483_647).optional().describe('of one partition of it'),
})
const linkQuery = z.object({ ...range, topic: topicName.optional().describe('of one topic of the source') })

const seriesSchema = z.object({
  from: z.number(),
  to: z.number(),
  /** The time that a point stands for. */
  bucketMs: z.number(),
  /** The worst of each such time; where nothing was known there is no point. */
  points: z.array(
    z.object({
      at: z.number(),
      records: z.number().nullable(),
      bytes: z.number().nullable(),
      seconds: z.number().nullable(),
    }),
  ),
})

export type LagSeries = z.infer<typeof seriesSchema>

export const historyRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/clusters/{cluster}/groups/{group}/history',
    tag: 'groups',
    summary: 'How far a group was behind over time, in all, in a topic or in a partition',
    need: { role: 'viewer', on: 'group' },
    action: null,
    query: groupQuery,
    answer: seriesSchema,
    handle({ house, params: { cluster, group }, query }) {
      const { topic, partition } = query
      if (partition !== undefined && topic === undefined) {
        throw serverError('REQUEST_INVALID', 'the query names a partition, but no topic')
      }
      return seriesOf(house, { cluster, group, topic, partition }, query)
    },
  }),
  route({
    method: 'GET',
    path: '/api/links/{link}/history',
    tag: 'links',
    summary: 'How far a link was behind over time, in all or in a topic',
    need: { role: 'viewer', on: 'link' },
    action: null,
    query: linkQuery,
    answer: seriesSchema,
    handle: ({ house, params: { link }, query }) => seriesOf(house, { link, topic: query.topic }, query),
  }),
]

type Range = { readonly from?: number | undefined; readonly to?: number | undefined; readonly points: number }

function seriesOf({ history }: House, of: SeriesName, { from, to = Date.now(), points }: Range): LagSeries {
  if (history === null) throw serverError('HISTORY_NOT_KEPT', 'this process keeps no history of lags')
  const since = from ?? to - HOUR_MS
  if (since >= to)
    throw serverError('REQUEST_INVALID', 'the query ends before it begins: `from` is not below `to`')
  const { bucketMs, points: found } = history.series({ ...of, from: since, to, points })
  return { from: since, to, bucketMs, points: [...found] }
}
