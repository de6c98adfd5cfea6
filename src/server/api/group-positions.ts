import { z } from 'zod'
import { commitOffsets } from '../../client/admin/commit-offsets.ts'
import { fetchOffsets } from '../../client/admin/group-offsets.ts'
import type { Cluster } from '../../client/cluster.ts'
import { isKafkaError } from '../../client/errors.ts'
import { unwrap } from '../../client/outcome.ts'
import { rangesFrom } from '../../client/records/ranges.ts'
import { ask, only } from '../ask.ts'
import { confirmed, confirmSchema } from '../confirm.ts'
import { may } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import { type Call, type Route, route } from '../http/route.ts'
import { partitionsOf, startOf } from './record-parts.ts'

const PARTITIONS_MAX = 10_000

const question = z.strictObject({
  topic: z.string().min(1).max(249),
  partitions: z.array(z.int().min(0)).min(1).max(PARTITIONS_MAX).optional().describe('left out: all'),
  to: z.string().max(30).describe('beginning, end, an offset, -N (the last N of each), or @ and ms'),
})
const order = question.extend({ confirm: confirmSchema })

const moves = z.object({
  moves: z.array(
    z.object({
      partition: z.int(),
      before: z.int().nullable().describe('null where the group has none'),
      after: z.int(),
      start: z.int(),
      end: z.int(),
    }),
  ),
})

const path = '/api/clusters/{cluster}/groups/{group}/positions' as const
const shared = {
  method: 'POST',
  tag: 'groups',
  need: { role: 'operator', on: 'group' },
  answer: moves,
} as const

type MoveCall = Pick<
  Call<{ readonly cluster: string; readonly group: string }, unknown, z.infer<typeof question>>,
  'caller' | 'params' | 'body'
>

/** Where a group goes on. */
export const groupPositionRoutes: readonly Route[] = [
  route({
    ...{ ...shared, path: `${path}:preview`, action: null, body: question },
    summary: 'From where to where a group would be moved on a topic. Changes nothing',
    handle: (call) => ask(call, async (cluster, limits) => ({ moves: await movesOf(cluster, call, limits) })),
  }),
  route({
    ...{ ...shared, path, action: 'group.positions', body: order },
    summary: 'Moves a group on a topic, while it has no members; its name has to be sent as `confirm`',
    handle(call) {
      const { params, body, note } = call
      confirmed(body.confirm, params.group, `group ${params.group} would read on elsewhere in ${body.topic}`)
      return ask(call, async (cluster, limits) => {
        const all = await movesOf(cluster, call, limits)
        note({
          before: { topic: body.topic, positions: all.map(({ partition, before }) => [partition, before]) },
        })
        await commit(cluster, call, all, limits)
        note({
          after: { topic: body.topic, positions: all.map(({ partition, after }) => [partition, after]) },
        })
        return { moves: all }
      })
    },
  }),
]

type Limits = { readonly signal: AbortSignal }
type Move = z.infer<typeof moves>['moves'][number]

/** @throws NOT_ALLOWED, REQUEST_INVALID, OFFSET_GONE, KAFKA_ERROR */
async function movesOf(
  cluster: Cluster,
  { caller, params, body }: MoveCall,
  limits: Limits,
): Promise<Move[]> {
  const { topic, to } = body
  if (!may(caller, 'viewer', { cluster: params.cluster, resource: { kind: 'topic', name: topic } })) {
    throw serverError('NOT_ALLOWED', `${caller.name} may not read topic ${topic}`)
  }
  const start = startOf(to)
  const wanted = await partitionsOf(cluster, topic, body.partitions, limits.signal)
  const isolation = 'read_committed'
  const ranges = await rangesFrom(cluster, topic, wanted, { start, isolation, ...limits })
  const places = wanted.map((partition) => ({ topic, partition }))
  const known = only(await fetchOffsets(cluster, [{ groupId: params.group, partitions: places }], limits))
  const before = new Map(known.map(({ partition, offset }) => [partition, offset < 0 ? null : offset]))
  return ranges.map(({ partition, position: after, start: first, end }) => {
    return { partition, before: before.get(partition) ?? null, after, start: first, end }
  })
}

/** @throws GROUP_IN_USE, KAFKA_ERROR */
async function commit(cluster: Cluster, { params, body }: MoveCall, all: readonly Move[], limits: Limits) {
  const offsets = all.map(({ partition, after: offset }) => ({
    topic: body.topic,
    partition,
    offset,
    metadata: '',
  }))
  const [outcomes] = await commitOffsets(cluster, [{ groupId: params.group, offsets }], limits)
  try {
    for (const outcome of outcomes!) unwrap(outcome)
  } catch (error) {
    if (!isKafkaError(error, 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION', 'REBALANCE_IN_PROGRESS')) throw error
    throw serverError('GROUP_IN_USE', `group ${params.group} has members that read`, { cause: error })
  }
}
