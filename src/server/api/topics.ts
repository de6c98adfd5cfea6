import { z } from 'zod'
import {
  isInternalTopic,
  isLeaderless,
  isUnderReplicated,
  type TopicMetadata,
} from '../../client/metadata.ts'
import type { ClusterView } from '../../observe/watch/view.ts'
import { type Caller, may } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import { type Route, route } from '../http/route.ts'
import { pageOfRows, rowsOf, rowsQuery, type Sorters } from './rows.ts'
import { CopyIndex, copySchema } from './view/copies.ts'
import { ageOf, ageSchema, lagOf, lagSchema, verdictSchema } from './view/parts.ts'
import { type Reader, readersOf } from './view/readers.ts'

/** Readers shown with each topic of a list; how many there are is said. */
const READERS_SHOWN = 5

const reader = z.object({ group: z.string(), state: z.string(), lag: lagSchema, verdict: verdictSchema })

const row = z.object({
  cluster: z.string(),
  topic: z.string(),
  internal: z.boolean(),
  partitions: z.number(),
  replicationFactor: z.number(),
  underReplicated: z.number(),
  offline: z.number(),
  bytes: z.number().nullable(),
  readers: z.array(reader),
  readersTotal: z.number(),
  mirrors: z.array(copySchema),
  mirrorOf: copySchema.nullable(),
})

const detail = row.extend({
  topicId: z.string(),
  partitionList: z.array(
    z.object({
      partition: z.number(),
      leader: z.number().nullable(),
      replicas: z.array(z.number()),
      isr: z.array(z.number()),
    }),
  ),
  age: ageSchema,
})

export type TopicRow = z.infer<typeof row>
export type TopicDetail = z.infer<typeof detail>

type Placed = { readonly view: ClusterView; readonly topic: TopicMetadata }

const sorters: Sorters<Placed> = {
  name: ({ topic }) => topic.name,
  cluster: ({ view }) => view.name,
  partitions: ({ topic }) => topic.partitions.length,
  bytes: ({ view, topic }) => bytesOf(view, topic.name),
  underReplicated: ({ topic }) => topic.partitions.filter(isUnderReplicated).length,
}

export const topicViewRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/topics',
    tag: 'topics',
    summary:
      'Topics of all clusters with who reads them and where they are mirrored, by the last look at them',
    need: { role: 'viewer', on: 'somewhere' },
    action: null,
    query: rowsQuery(['name', 'cluster', 'partitions', 'bytes', 'underReplicated']).extend({
      internal: z.stringbool().default(false).describe('topics that begin with __ too'),
    }),
    answer: rowsOf(row),
    handle({ house, caller, query }) {
      const views = house.watches
        .all()
        .filter(({ name }) => query.cluster === undefined || name === query.cluster)
      const placed = views.flatMap((view) =>
        [...(view.topics.value?.topics.values() ?? [])]
          .filter((topic) => query.internal || !isInternalTopic(topic))
          .filter(({ name }) => may(caller, 'viewer', subjectOf('topic', view.name, name)))
          .map((topic) => ({ view, topic })),
      )
      const copies = new CopyIndex(house.status())
      return pageOfRows(placed, query, {
        name: ({ topic }) => topic.name,
        sorters,
        row: (one) => rowOf(one, copies, caller, READERS_SHOWN),
      })
    },
  }),
  route({
    method: 'GET',
    path: '/api/clusters/{cluster}/topics/{topic}',
    tag: 'topics',
    summary: 'A topic with its partitions, readers and mirrors',
    need: { role: 'viewer', on: 'topic' },
    action: null,
    answer: detail,
    handle({ house, caller, params }) {
      const { cluster, topic: name } = params
      const view = house.watches.view(cluster)
      const topic = view?.topics.value?.topics.get(name)
      if (view === null || topic === undefined) {
        throw serverError('TOPIC_NOT_FOUND', `no topic "${name}" was seen on ${cluster}`)
      }
      return {
        ...rowOf({ view, topic }, new CopyIndex(house.status()), caller),
        topicId: topic.topicId,
        partitionList: topic.partitions.map(({ partition, leader, replicas, isr }) => {
          return { partition, leader: leader < 0 ? null : leader, replicas: [...replicas], isr: [...isr] }
        }),
        age: ageOf(view.topics),
      }
    },
  }),
]

function subjectOf(kind: 'topic' | 'group', cluster: string, name: string) {
  return { cluster, resource: { kind, name } } as const
}

function rowOf(
  { view, topic }: Placed,
  copies: CopyIndex,
  caller: Caller,
  readersMax = Number.POSITIVE_INFINITY,
): TopicRow {
  const { name, partitions } = topic
  const all = readersOf(view.groups.value).get(name) ?? []
  const readers = all.filter(({ group }) =>
    may(caller, 'viewer', subjectOf('group', view.name, group.groupId)),
  )
  const { mirrors, mirrorOf } = copies.of(view.name, name)
  return {
    cluster: view.name,
    topic: name,
    internal: isInternalTopic(topic),
    partitions: partitions.length,
    replicationFactor: Math.max(0, ...partitions.map(({ replicas }) => replicas.length)),
    underReplicated: partitions.filter(isUnderReplicated).length,
    offline: partitions.filter(isLeaderless).length,
    bytes: bytesOf(view, name),
    readers: readers.toSorted(worstFirst).slice(0, readersMax).map(readerOf),
    readersTotal: readers.length,
    mirrors: [...mirrors],
    mirrorOf,
  }
}

function worstFirst(a: Reader, b: Reader): number {
  return (b.lag.records ?? -1) - (a.lag.records ?? -1)
}

function readerOf({ group, lag }: Reader): z.infer<typeof reader> {
  return { group: group.groupId, state: group.state, lag: lagOf(lag), verdict: group.verdict }
}

function bytesOf({ disks }: ClusterView, topic: string): number | null {
  return disks.value?.topicBytes.get(topic) ?? null
}
