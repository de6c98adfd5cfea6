import { z } from 'zod'
import type { LinkOverview } from '../../fleet/run/fleet-status.ts'
import type { LinkState, MirrorState, MirrorStatus } from '../../link/status.ts'
import { missing } from '../ask.ts'
import { may } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import type { Call, Method, Route } from '../http/route.ts'
import { route } from '../http/route.ts'
import { below, clusterPlace, collection, collectionOf, type Place, resource, resourceOf } from './shape.ts'

/** Confluent's words for what a link and a mirror are doing. */
const linkStates = {
  starting: 'UNAVAILABLE',
  active: 'ACTIVE',
  paused: 'PAUSED',
  faulted: 'UNAVAILABLE',
  stopped: 'UNAVAILABLE',
} as const satisfies Readonly<Record<LinkState, string>>
const mirrorStates = {
  seeding: 'ACTIVE',
  active: 'ACTIVE',
  paused: 'PAUSED',
  faulted: 'FAILED',
  promoting: 'PENDING_STOPPED',
  promoted: 'STOPPED',
  'failed-over': 'STOPPED',
} as const satisfies Readonly<Record<MirrorState, string>>

const link = resourceOf('KafkaLinkData', {
  source_cluster_id: z.string().nullable(),
  destination_cluster_id: z.string().nullable(),
  remote_cluster_id: z.string().nullable(),
  link_name: z.string(),
  topics_names: z.array(z.string()),
  link_state: z.string(),
  link_error: z.string().describe('the code of its fault; NO_ERROR where it has none'),
  link_error_message: z.string().nullable(),
})
const mirror = resourceOf('KafkaMirrorData', {
  link_name: z.string(),
  mirror_topic_name: z.string(),
  source_topic_name: z.string(),
  num_partitions: z.int(),
  mirror_lags: z.array(
    z.object({ partition: z.int(), lag: z.int().nullable(), last_source_fetch_offset: z.int().nullable() }),
  ),
  mirror_status: z.string(),
  mirror_topic_error: z.string(),
  state_time_ms: z.int().describe('when its lag was measured'),
})

const LINKS = '/v3/clusters/{cluster}/links'
const reads = { method: 'GET', tag: 'links', action: null } as const
const somewhere = { need: { role: 'viewer', on: 'somewhere' } } as const
const ofLink = { need: { role: 'viewer', on: 'link' } } as const
const statusQuery = z.object({ mirror_status: z.string().max(40).toUpperCase().optional() })

type ClusterCall = Pick<Call<{ readonly cluster: string }, unknown, unknown>, 'house' | 'caller' | 'params'>

const readRoutes: readonly Route[] = [
  route({
    ...{ ...reads, ...somewhere, path: LINKS, summary: 'Links into a cluster that the caller may see' },
    answer: collectionOf('KafkaLinkDataList', link),
    handle(call) {
      const place = placeOf(call)
      const all = linksOf(call).map((one) => linkResource(call, one))
      return collection('KafkaLinkDataList', `${place.path}/links`, all)
    },
  }),
  route({
    ...{ ...reads, ...somewhere, path: `${LINKS}/-/mirrors`, query: statusQuery },
    summary: 'Mirrors of all links into a cluster that the caller may see',
    answer: collectionOf('KafkaMirrorDataList', mirror),
    handle(call) {
      const self = `${placeOf(call).path}/links/-/mirrors`
      const all = linksOf(call).flatMap((one) => mirrorsOf(call, one, call.query.mirror_status))
      return collection('KafkaMirrorDataList', self, all)
    },
  }),
  route({
    ...{ ...reads, ...ofLink, path: `${LINKS}/{link}`, summary: 'A link' },
    answer: link,
    handle: (call) => linkResource(call, linkNamed(call)),
  }),
  route({
    ...{
      ...reads,
      ...ofLink,
      path: `${LINKS}/{link}/mirrors`,
      query: statusQuery,
      summary: 'Mirrors of a link',
    },
    answer: collectionOf('KafkaMirrorDataList', mirror),
    handle(call) {
      const one = linkNamed(call)
      const all = mirrorsOf(call, one, call.query.mirror_status)
      return collection('KafkaMirrorDataList', `${linkPlace(call, one).path}/mirrors`, all)
    },
  }),
  route({
    ...{ ...reads, ...ofLink, path: `${LINKS}/{link}/mirrors/{mirror}`, summary: 'A mirror' },
    answer: mirror,
    handle(call) {
      const one = linkNamed(call)
      const found = one.mirrors.find((each) => each.mirror === call.params.mirror)
      return mirrorResource(call, one, found ?? missing(`mirror ${call.params.mirror} of link ${one.name}`))
    },
  }),
]

/** What Confluent's API has on links and is done elsewhere here, with where. */
const elsewhere: readonly (readonly [method: Method, path: string, where: string])[] = [
  ['POST', LINKS, 'links are declared in the fleet file: kmc plan, kmc apply'],
  ['DELETE', `${LINKS}/{link}`, 'links are taken out of the fleet file: kmc plan, kmc apply'],
  ['GET', `${LINKS}/{link}/configs`, 'settings of a link stand in the fleet file'],
  ['POST', `${LINKS}/{link}/mirrors`, 'a link mirrors the topics that its patterns in the fleet file name'],
  ...(['promote', 'failover', 'pause', 'resume'] as const).map((verb): readonly [Method, string, string] => {
    const why = `it is confirmed here, and followed to its end: POST /api/links/LINK/mirrors:${verb}`
    return ['POST', `${LINKS}/{link}/mirrors:${verb}`, why]
  }),
  ...(['reverse-and-start-mirror', 'reverse-and-pause-mirror', 'truncate-and-restore'] as const).map(
    (verb): readonly [Method, string, string] => {
      return [
        'POST',
        `${LINKS}/{link}/mirrors:${verb}`,
        'links are turned as a whole: POST /api/links/LINK/reverse',
      ]
    },
  ),
]

const refusals = elsewhere.map(([method, path, where]) =>
  route({
    ...{ method, path, tag: 'links', action: null, summary: `Not offered: ${where}` },
    need: { role: 'viewer', on: 'somewhere' },
    answer: z.null(),
    handle: () => {
      throw serverError('NOT_OFFERED', where)
    },
  }),
)

/** Links and mirrors in the shape of Confluent's Cluster Linking, from what workers said last. */
export const linkRoutes: readonly Route[] = [...readRoutes, ...refusals]

function idOf({ house }: Pick<ClusterCall, 'house'>, name: string): string | null {
  return house.status().clusters.find((one) => one.name === name)?.clusterId ?? null
}

function placeOf(call: ClusterCall): Place {
  return clusterPlace(idOf(call, call.params.cluster) ?? call.params.cluster)
}

function linkPlace(call: ClusterCall, { name }: LinkOverview): Place {
  return below(placeOf(call), 'links', name, 'link')
}

/** Links belong to their destination, as Confluent's do. */
function linksOf({ house, caller, params }: ClusterCall): LinkOverview[] {
  const into = house.status().links.filter(({ to }) => to === params.cluster)
  return into.filter(({ name }) => may(caller, 'viewer', { resource: { kind: 'link', name } }))
}

function linkNamed(call: ClusterCall & { readonly params: { readonly link: string } }): LinkOverview {
  const { link: name, cluster } = call.params
  return linksOf(call).find((one) => one.name === name) ?? missing(`link ${name} into cluster ${cluster}`)
}

function linkResource(call: ClusterCall, one: LinkOverview) {
  const [source, destination] = [idOf(call, one.from), idOf(call, one.to)]
  return resource('KafkaLinkData', linkPlace(call, one), {
    ...{ source_cluster_id: source, destination_cluster_id: destination, remote_cluster_id: source },
    ...{ link_name: one.name, topics_names: one.mirrors.map((each) => each.mirror) },
    link_state: linkStates[one.state],
    link_error: one.fault?.code ?? 'NO_ERROR',
    link_error_message: one.fault?.message ?? null,
  })
}

function mirrorsOf(call: ClusterCall, one: LinkOverview, status: string | undefined) {
  const all = one.mirrors.map((each) => mirrorResource(call, one, each))
  return all.filter(({ mirror_status }) => status === undefined || mirror_status === status)
}

function mirrorResource(call: ClusterCall, one: LinkOverview, { mirror: name, ...more }: MirrorStatus) {
  return resource('KafkaMirrorData', below(linkPlace(call, one), 'mirrors', name, 'mirror'), {
    ...{ link_name: one.name, mirror_topic_name: name, source_topic_name: more.topic },
    num_partitions: more.partitions.length,
    mirror_lags: more.partitions.map(({ partition, lag, destinationEnd }) => {
      return { partition, lag: lag.records, last_source_fetch_offset: destinationEnd }
    }),
    mirror_status: mirrorStates[more.state],
    mirror_topic_error: more.fault?.code ?? 'NO_ERROR',
    state_time_ms: more.lag.at,
  })
}
