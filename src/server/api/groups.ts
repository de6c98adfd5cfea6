import { z } from 'zod'
import { verdictCodes } from '../../observe/burrow/verdict.ts'
import type { GroupPartitionView, GroupView } from '../../observe/watch/view.ts'
import { may } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import { type Route, route } from '../http/route.ts'
import { pageOfRows, rowsOf, rowsQuery, type Sorters } from './rows.ts'
import { ageOf, ageSchema, lagOf, lagSchema, verdictSchema } from './view/parts.ts'

const row = z.object({
  cluster: z.string(),
  group: z.string(),
  type: z.string(),
  state: z.string(),
  members: z.number().nullable(),
  topics: z.array(z.string()),
  lag: lagSchema,
  verdict: verdictSchema,
  lastCommitAt: z.number().nullable(),
})

const member = z.object({ memberId: z.string(), clientId: z.string(), host: z.string() })

const partitionRow = z.object({
  topic: z.string(),
  partition: z.number(),
  position: z.number().nullable(),
  start: z.number().nullable(),
  end: z.number().nullable(),
  lag: lagSchema,
  verdict: verdictSchema,
  committedAt: z.number().nullable(),
  owner: member.nullable(),
})

const detail = row.extend({
  coordinator: z.number(),
  /** Share of its partitions about which enough is known for a verdict. */
  complete: z.number(),
  memberList: z.array(member.extend({ partitions: z.number() })).nullable(),
  partitions: z.array(partitionRow),
  age: ageSchema,
})

export type GroupRow = z.infer<typeof row>
export type GroupDetail = z.infer<typeof detail>

type Placed = { readonly cluster: string; readonly group: GroupView }

const sorters: Sorters<Placed> = {
  name: ({ group }) => group.groupId,
  cluster: ({ cluster }) => cluster,
  records: ({ group }) => group.lag.records,
  seconds: ({ group }) => group.lag.seconds ?? group.lag.secondsAtLeast,
  verdict: ({ group }) => verdictCodes[group.verdict],
  commit: ({ group }) => group.lastCommitAt,
}

export const groupViewRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/groups',
    tag: 'groups',
    summary: 'Groups of all kinds and all clusters with lag and verdict, by the last look at them',
    need: { role: 'viewer', on: 'somewhere' },
    action: null,
    query: rowsQuery(['name', 'cluster', 'records', 'seconds', 'verdict', 'commit']),
    answer: rowsOf(row),
    handle({ house, caller, query }) {
      const views = house.watches
        .all()
        .filter(({ name }) => query.cluster === undefined || name === query.cluster)
      const placed = views.flatMap(({ name: cluster, groups }) =>
        [...(groups.value?.groups.values() ?? [])]
          .filter((group) => may(caller, 'viewer', subjectOf(cluster, group.groupId)))
          .map((group) => ({ cluster, group })),
      )
      return pageOfRows(placed, query, { name: ({ group }) => group.groupId, sorters, row: rowOf })
    },
  }),
  route({
    method: 'GET',
    path: '/api/clusters/{cluster}/groups/{group}',
    tag: 'groups',
    summary: 'A group with its members, and each partition with position, lag and verdict',
    need: { role: 'viewer', on: 'group' },
    action: null,
    answer: detail,
    handle({ house, params }) {
      const { cluster, group: name } = params
      const groups = house.watches.view(cluster)?.groups
      const group = groups?.value?.groups.get(name)
      if (group === undefined)
        throw serverError('GROUP_NOT_FOUND', `no group "${name}" was seen on ${cluster}`)
      return detailOf({ cluster, group })
    },
  }),
]

function subjectOf(cluster: string, name: string) {
  return { cluster, resource: { kind: 'group', name } } as const
}

function rowOf({ cluster, group }: Placed): GroupRow {
  const { groupId, type, state, members, partitions, lag, verdict, lastCommitAt } = group
  return {
    ...{ cluster, group: groupId, type, state, verdict, lastCommitAt },
    members: members?.length ?? null,
    topics: [...new Set(partitions.map(({ topic }) => topic))],
    lag: lagOf(lag),
  }
}

function detailOf(placed: Placed): GroupDetail {
  const { coordinator, complete, members, partitions, at, trouble } = placed.group
  const owned = Map.groupBy(partitions, ({ owner }) => owner?.memberId ?? null)
  return {
    ...rowOf(placed),
    ...{ coordinator, complete, age: ageOf({ value: null, at, trouble }) },
    memberList:
      members?.map(({ memberId, clientId, clientHost: host }) => {
        return { memberId, clientId, host, partitions: owned.get(memberId)?.length ?? 0 }
      }) ?? null,
    partitions: partitions.map(partitionOf),
  }
}

function partitionOf(view: GroupPartitionView): z.infer<typeof partitionRow> {
  const { topic, partition, position, start, end, lag, verdict, last, owner } = view
  return {
    ...{ topic, partition, position, start, end, verdict, lag: lagOf(lag) },
    committedAt: last?.at ?? null,
    owner: owner && { memberId: owner.memberId, clientId: owner.clientId, host: owner.clientHost },
  }
}
