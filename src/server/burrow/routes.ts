import { z } from 'zod'
import { listOffsets } from '../../client/list-offsets.ts'
import { unwrap } from '../../client/outcome.ts'
import { burrowDefaults } from '../../observe/burrow/evaluate.ts'
import { windowDefaults } from '../../observe/burrow/window.ts'
import type { GroupView } from '../../observe/watch/view.ts'
import { ask, topicOf } from '../ask.ts'
import { may } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import { type Call, Reply, type Route, route } from '../http/route.ts'
import { committed, groupStatus, groupTopics, statusOf, statusOfNone, topicsOf } from './groups.ts'
import { answered, answerOf } from './shape.ts'

const KAFKA = '/v3/kafka'
const CLUSTER = '/v3/kafka/{cluster}'
const GROUP = '/v3/kafka/{cluster}/consumer/{group}'
const LOOK_SECONDS = 10

const reads = { method: 'GET', tag: 'Burrow', action: null } as const
const somewhere = { need: { role: 'viewer', on: 'somewhere' } } as const
const ofGroup = { need: { role: 'viewer', on: 'group' } } as const
const ofTopic = { need: { role: 'viewer', on: 'topic' } } as const
const names = z.array(z.string())

type ClusterCall = Pick<Call<{ readonly cluster: string }, unknown, unknown>, 'house' | 'caller' | 'params'>

const clusterRoutes: readonly Route[] = [
  route({
    ...{ ...reads, ...somewhere, path: KAFKA, summary: 'Clusters' },
    answer: answerOf({ clusters: names }),
    handle: ({ house, caller }) =>
      answered(KAFKA, 'cluster list returned', { clusters: clustersOf({ house, caller }) }),
  }),
  route({
    ...{ ...reads, ...somewhere, path: CLUSTER, summary: 'How a cluster is reached' },
    answer: answerOf({ module: z.record(z.string(), z.unknown()) }),
    handle({ house, params }) {
      const found = house.status().clusters.find(({ name }) => name === params.cluster)
      const profile = { name: '', 'client-id': 'kmc', 'kafka-version': '', tls: null, sasl: null }
      const module = {
        ...{ 'class-name': 'kafka', servers: [...(found?.bootstrap ?? [])], 'client-profile': profile },
        ...{ 'topic-refresh': LOOK_SECONDS, 'offset-refresh': LOOK_SECONDS },
      }
      return answered(`${KAFKA}/${params.cluster}`, 'cluster module detail returned', { module })
    },
  }),
  route({
    ...{ ...reads, ...somewhere, path: `${CLUSTER}/topic`, summary: 'Topics of a cluster' },
    answer: answerOf({ topics: names }),
    handle(call) {
      const { house, params } = call
      const topics = [...(house.watches.view(params.cluster)?.topics.value?.topics.keys() ?? [])]
      const seen = topics.filter((name) => maySee(call, 'topic', name)).sort()
      return answered(`${KAFKA}/${params.cluster}/topic`, 'topic list returned', { topics: seen })
    },
  }),
  route({
    ...{
      ...reads,
      ...ofTopic,
      path: `${CLUSTER}/topic/{topic}`,
      summary: 'Where the partitions of a topic end',
    },
    answer: answerOf({ offsets: z.array(z.int()) }),
    handle: (call) =>
      ask(call, async (cluster, limits) => {
        const { topic } = call.params
        const { partitions } = await topicOf(cluster, topic, limits)
        const queries = partitions.map(({ partition }) => ({ topic, partition, at: 'end' as const }))
        const offsets = (await listOffsets(cluster, queries, limits)).map((one) => unwrap(one).offset)
        const path = `${KAFKA}/${call.params.cluster}/topic/${topic}`
        return answered(path, 'topic offsets returned', { offsets })
      }),
  }),
  route({
    ...{
      ...reads,
      ...ofTopic,
      path: `${CLUSTER}/topic/{topic}/consumers`,
      summary: 'Groups that read a topic',
    },
    answer: answerOf({ consumers: names }),
    handle(call) {
      const { cluster, topic } = call.params
      const readers = groupsOf(call).filter((group) => committed(group).some((one) => one.topic === topic))
      const consumers = readers.map(({ groupId }) => groupId)
      return answered(`${KAFKA}/${cluster}/topic/${topic}/consumers`, 'consumers of topic returned', {
        consumers,
      })
    },
  }),
  route({
    ...{
      ...reads,
      ...somewhere,
      path: `${CLUSTER}/consumer`,
      summary: 'Groups that have committed something',
    },
    answer: answerOf({ consumers: names }),
    handle(call) {
      const consumers = groupsOf(call).map(({ groupId }) => groupId)
      return answered(`${KAFKA}/${call.params.cluster}/consumer`, 'consumer list returned', { consumers })
    },
  }),
]

const statusAnswer = answerOf({ status: groupStatus })

const groupRoutes: readonly Route[] = [
  route({
    ...{ ...reads, ...ofGroup, path: GROUP, summary: 'The last commits of a group on each partition' },
    answer: answerOf({ topics: groupTopics }),
    handle(call) {
      const { cluster, group } = call.params
      const found = groupOf(call)
      if (found === undefined) throw serverError('GROUP_NOT_FOUND', 'cluster or consumer not found')
      const topics = topicsOf(found)
      return answered(`${KAFKA}/${cluster}/consumer/${group}`, 'consumer detail returned', { topics })
    },
  }),
  ...(['status', 'lag'] as const).map((word) =>
    route({
      ...{ ...reads, ...ofGroup, path: `${GROUP}/${word}` },
      summary: word === 'lag' ? 'The verdict on a group with all its partitions' : 'The verdict on a group',
      answer: statusAnswer,
      handle(call) {
        const { cluster, group } = call.params as { readonly cluster: string; readonly group: string }
        const found = groupOf({ ...call, params: { cluster, group } })
        const status =
          found === undefined ? statusOfNone(cluster, group) : statusOf(cluster, found, word === 'lag')
        const path = `${KAFKA}/${cluster}/consumer/${group}/${word}`
        return new Reply(
          found === undefined ? 404 : 200,
          answered(path, 'consumer status returned', { status }),
        )
      },
    }),
  ),
  route({
    ...{ ...reads, method: 'DELETE', need: { role: 'operator', on: 'group' }, path: GROUP },
    summary: 'Not offered: what is told of groups follows the cluster',
    answer: z.unknown(),
    handle: () => {
      const text = 'a group is forgotten here when the cluster has forgotten it'
      throw serverError('NOT_OFFERED', text)
    },
  }),
]

const modules = answerOf({ coordinator: z.string(), modules: names })
const detail = answerOf({ module: z.record(z.string(), z.unknown()) })

/** What stands for the parts of Burrow's configuration. */
const parts = {
  storage: {
    ...{ 'class-name': 'inmemory', intervals: windowDefaults.intervals, 'group-allowlist': '' },
    ...{
      'min-distance': windowDefaults.minDistanceMs / 1_000,
      'expire-group': windowDefaults.expireMs / 1_000,
    },
  },
  evaluator: { 'class-name': 'caching', 'expire-cache': 0, 'allowed-lag': burrowDefaults.allowedLag },
} as const

const configRoutes: readonly Route[] = [
  ...(['cluster', 'consumer', 'notifier'] as const).map((word) =>
    route({
      ...{
        ...reads,
        ...somewhere,
        path: `/v3/config/${word}`,
        summary: `What stands for Burrow's ${word} modules`,
      },
      answer: modules,
      handle: ({ house, caller }) =>
        answered(`/v3/config/${word}`, 'module list returned', {
          coordinator: word,
          modules: word === 'notifier' ? [] : clustersOf({ house, caller }),
        }),
    }),
  ),
  ...(['storage', 'evaluator'] as const).flatMap((word) => [
    route({
      ...{
        ...reads,
        ...somewhere,
        path: `/v3/config/${word}`,
        summary: `What stands for Burrow's ${word} modules`,
      },
      answer: modules,
      handle: () =>
        answered(`/v3/config/${word}`, 'module list returned', { coordinator: word, modules: ['default'] }),
    }),
    route({
      ...{
        ...reads,
        ...somewhere,
        path: `/v3/config/${word}/default`,
        summary: `The rules by which verdicts are made`,
      },
      answer: detail,
      handle: () =>
        answered(`/v3/config/${word}/default`, `${word} module detail returned`, { module: parts[word] }),
    }),
  ]),
]

const aliveRoutes: readonly Route[] = (
  [
    ['/burrow/admin', 'GOOD'],
    ['/burrow/admin/ready', 'READY'],
  ] as const
).map(([path, word]) =>
  route({
    ...{
      ...reads,
      need: 'anyone',
      path,
      summary: 'Whether the process answers, in the word that Burrow says',
    },
    answer: z.string(),
    handle: () => new Reply(200, word, { 'content-type': 'text/plain; charset=utf-8' }),
  }),
)

/** Burrow's routes over what the watches saw: what asks a Burrow today may ask here. */
export const burrowRoutes: readonly Route[] = [
  ...clusterRoutes,
  ...groupRoutes,
  ...configRoutes,
  ...aliveRoutes,
]

function clustersOf({ house, caller }: Pick<ClusterCall, 'house' | 'caller'>): string[] {
  const all = house.status().clusters.map(({ name }) => name)
  return all.filter((cluster) => may(caller, 'viewer', { cluster }))
}

function maySee({ caller, params }: ClusterCall, kind: 'topic' | 'group', name: string): boolean {
  return may(caller, 'viewer', { cluster: params.cluster, resource: { kind, name } })
}

function groupsOf(call: ClusterCall): GroupView[] {
  const groups = call.house.watches.view(call.params.cluster)?.groups.value?.groups.values() ?? []
  return [...groups]
    .filter((group) => committed(group).length > 0 && maySee(call, 'group', group.groupId))
    .sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
}

function groupOf(call: ClusterCall & { readonly params: { readonly group: string } }): GroupView | undefined {
  const found = call.house.watches.view(call.params.cluster)?.groups.value?.groups.get(call.params.group)
  return found !== undefined && committed(found).length > 0 ? found : undefined
}
