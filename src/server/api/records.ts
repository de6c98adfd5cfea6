import { z } from 'zod'
import { systemClock } from '../../base/clock.ts'
import type { Cluster } from '../../client/cluster.ts'
import { rangesFrom, type Start } from '../../client/records/ranges.ts'
import { parseFilter } from '../../observe/expression/parse.ts'
import { decodeCursor, encodeCursor } from '../../observe/records/cursor.ts'
import type { LanePlace } from '../../observe/records/lane.ts'
import { readPage } from '../../observe/records/page.ts'
import { windowsOf } from '../../observe/records/read-windows.ts'
import { shown } from '../../observe/records/shown.ts'
import { tailTopic } from '../../observe/records/tail.ts'
import { ask } from '../ask.ts'
import { eventStream } from '../http/event-stream.ts'
import { Reply, type Route, route } from '../http/route.ts'
import { isolation, oneRecord, partitionsOf, recordSchema, startOf, wordList } from './record-parts.ts'

const LIMIT_MAX = 500
const FIELD_BYTES = 16 * 1024
const FIELD_BYTES_MAX = 25 * 1024 * 1024
/** One page reads for at most four seconds, and then may wait for what it asked last. */
const PAGE_TIMEOUT_MS = 20_000

const search = {
  partition: wordList.optional().describe('numbers with commas between; left out: all'),
  filter: z.string().max(2_000).optional().describe('as `value.status == "paid" && key startsWith "kr-"`'),
  isolation,
  fieldBytes: z.coerce
    .number()
    .int()
    .min(0)
    .max(1024 * 1024)
    .default(FIELD_BYTES)
    .describe('how much of a key, value or header is shown'),
}

const pageQuery = z.object({
  ...search,
  order: z.enum(['newest', 'oldest']).default('newest'),
  from: z
    .string()
    .max(30)
    .optional()
    .describe('beginning, end, an offset, -N (the last N of each), or @ and ms'),
  limit: z.coerce.number().int().min(1).max(LIMIT_MAX).default(100),
  cursor: z.string().max(100_000).optional().describe('`next` of the page before, with the same other words'),
})

type PageQuery = z.infer<typeof pageQuery>

const page = z.object({
  records: z.array(recordSchema),
  end: z
    .enum(['full', 'all', 'budget'])
    .describe('full; nothing is left; or enough was searched for one page'),
  next: z.string().nullable(),
  scanned: z.object({ records: z.number(), bytes: z.number() }),
})

const records = '/api/clusters/{cluster}/topics/{topic}/records'
const place = '/api/clusters/{cluster}/topics/{topic}/partitions/{partition}/records/{offset}'
const placeParams = z.object({
  ...{ cluster: z.string(), topic: z.string() },
  partition: z.coerce.number().int().min(0).max(1_000_000),
  offset: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
})

export const recordRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: records,
    tag: 'records',
    summary: 'Records of a topic by time over all partitions, a page at a time, filtered where asked',
    need: { role: 'viewer', on: 'topic' },
    action: null,
    query: pageQuery,
    answer: page,
    async handle(call) {
      const { query } = call
      const { topic } = call.params
      // Understood before a cluster is asked.
      const filter = query.filter === undefined ? null : parseFilter(query.filter)
      const read = async (cluster: Cluster, { signal }: { readonly signal: AbortSignal }) => {
        const places = await placesOf(cluster, topic, query, signal)
        const windows = windowsOf(cluster, { topic, isolation: query.isolation, signal })
        const { order, limit } = query
        return await readPage({ order, limit, filter, places }, windows, systemClock)
      }
      const { records, end, next, scanned } = await ask(call, read, PAGE_TIMEOUT_MS)
      return {
        records: records.map((record) => shown(record, query.fieldBytes)),
        end,
        next: next.length === 0 ? null : encodeCursor(next),
        scanned,
      }
    },
  }),
  route({
    method: 'GET',
    path: `${records}:tail`,
    tag: 'records',
    summary:
      'Records as they are written: server-sent events `records`, at most 200 in each; how many more came is said',
    need: { role: 'viewer', on: 'topic' },
    action: null,
    query: z.object(search),
    answer: z.object({ records: z.array(recordSchema), skipped: z.number() }),
    async handle({ house, params, query, signal }) {
      const { cluster, topic } = params
      const filter = query.filter === undefined ? null : parseFilter(query.filter)
      const tail = house.doors.to(cluster).stream(async function* (at, until) {
        const partitions = await partitionsOf(at, topic, query.partition, until)
        const how = { topic, partitions, filter, isolation: query.isolation, signal: until }
        for await (const { records, skipped } of tailTopic(at, how, systemClock)) {
          const data = { records: records.map((record) => shown(record, query.fieldBytes)), skipped }
          yield { event: 'records', data }
        }
      }, signal)
      return eventStream(tail, signal)
    },
  }),
  route({
    method: 'GET',
    path: place,
    tag: 'records',
    summary: 'One record, whole',
    need: { role: 'viewer', on: 'topic' },
    action: null,
    params: placeParams,
    query: z.object({ isolation }),
    answer: recordSchema,
    handle: async (call) => shown(await oneRecord(call), FIELD_BYTES_MAX),
  }),
  route({
    method: 'GET',
    path: `${place}/{field}`,
    tag: 'records',
    summary: 'The bytes of a key or a value, as a file to be saved',
    need: { role: 'viewer', on: 'topic' },
    action: null,
    params: placeParams.extend({ field: z.enum(['key', 'value']) }),
    query: z.object({ isolation }),
    answer: z.string(),
    async handle(call) {
      const { params } = call
      const record = await oneRecord(call)
      const name = `${params.topic}-${params.partition}-${params.offset}.${params.field}`
      return new Reply(200, record[params.field] ?? Buffer.alloc(0), {
        // Never shown by a browser: what a record holds is anybody's.
        'content-type': 'application/octet-stream',
        'content-disposition': `attachment; filename="${name}"`,
      })
    },
  }),
]

/** Where a page begins: where the one before ended, or where the query says. */
async function placesOf(
  cluster: Cluster,
  topic: string,
  query: PageQuery,
  signal: AbortSignal,
): Promise<LanePlace[]> {
  if (query.cursor !== undefined) return decodeCursor(query.cursor)
  const partitions = await partitionsOf(cluster, topic, query.partition, signal)
  const { order, isolation } = query
  const start: Start =
    query.from === undefined ? { at: order === 'newest' ? 'end' : 'beginning' } : startOf(query.from)
  const ranges = await rangesFrom(cluster, topic, partitions, { start, isolation, signal })
  return ranges.map(({ partition, position, start: first, end }) => {
    return { partition, at: position, limit: order === 'newest' ? first : end }
  })
}
