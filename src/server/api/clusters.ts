import { z } from 'zod'
import type { ClusterStatus } from '../../fleet/run/fleet-status.ts'
import type { ClusterView } from '../../observe/watch/view.ts'
import { may } from '../door/caller.ts'
import { serverError } from '../errors.ts'
import { type Route, route } from '../http/route.ts'
import { ageOf, ageSchema } from './view/parts.ts'

const finding = z.object({
  kind: z.string(),
  severity: z.enum(['critical', 'warning']),
  count: z.number(),
  examples: z.array(z.string()),
})

/** Counts are null as long as they are not known. */
const count = z.number().nullable()

const summary = z.object({
  name: z.string(),
  kind: z.enum(['managed', 'external']),
  region: z.string().nullable(),
  /** As whoever runs it says; `age` tells what the last look at it found. */
  state: z.string(),
  clusterId: z.string().nullable(),
  bootstrap: z.array(z.string()),
  age: ageSchema,
  ...{ brokers: count, topics: count, partitions: count, groups: count },
  ...{ underReplicated: count, underMinIsr: count, offline: count, logBytes: count },
  groupsBehind: count.describe('groups whose verdict is worse than OK'),
  health: z.array(finding),
})

const broker = z.object({
  id: z.number(),
  address: z.string(),
  rack: z.string().nullable(),
  isController: z.boolean(),
  isFenced: z.boolean(),
  disks: z.array(
    z.object({
      path: z.string(),
      fault: z.string().nullable(),
      totalBytes: count,
      usableBytes: count,
      logBytes: z.number(),
      replicas: z.number(),
    }),
  ),
})

const detail = summary.extend({
  brokerList: z.array(broker),
  quorum: z.unknown().describe('voters and observers with their lag; null as long as it is not known'),
  ages: z.object({
    brokers: ageSchema,
    quorum: ageSchema,
    topics: ageSchema,
    disks: ageSchema,
    groups: ageSchema,
  }),
})

export type ClusterDetail = z.infer<typeof detail>

export const clusterViewRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: '/api/clusters',
    tag: 'clusters',
    summary: 'How each cluster is, by the last look at it and how old that is; no cluster is waited for',
    need: { role: 'viewer', on: 'somewhere' },
    action: null,
    answer: z.object({ clusters: z.array(summary) }),
    handle({ house, caller }) {
      const seen = house.status().clusters.filter(({ name }) => may(caller, 'viewer', { cluster: name }))
      return { clusters: seen.map((status) => summaryOf(status, house.watches.view(status.name))) }
    },
  }),
  route({
    method: 'GET',
    path: '/api/clusters/{cluster}',
    tag: 'clusters',
    summary: 'A cluster with its brokers, disks and controllers',
    need: { role: 'viewer', on: 'cluster' },
    action: null,
    answer: detail,
    handle({ house, params }) {
      const status = house.status().clusters.find(({ name }) => name === params.cluster)
      if (status === undefined) throw serverError('CLUSTER_NOT_FOUND', `${params.cluster} has left the fleet`)
      return detailOf(status, house.watches.view(status.name))
    },
  }),
]

type Summary = z.infer<typeof summary>

const notSeen = { at: null, trouble: null }

function summaryOf(status: ClusterStatus, view: ClusterView | null): Summary {
  const { name, kind, region, state, clusterId, bootstrap } = status
  const { brokers, topics, groups, disks } = view ?? {}
  const behind = [...(groups?.value?.groups.values() ?? [])].filter(({ verdict }) => isBehind(verdict))
  return {
    ...{ name, kind, region, state, clusterId, bootstrap: [...bootstrap] },
    age: brokers === undefined ? notSeen : ageOf(brokers),
    brokers: brokers?.value?.brokers.length ?? null,
    topics: topics?.value?.topics.size ?? null,
    partitions: topics?.value?.partitions ?? null,
    groups: groups?.value?.groups.size ?? null,
    underReplicated: topics?.value?.underReplicated.length ?? null,
    underMinIsr: topics?.value?.underMinIsr.length ?? null,
    offline: topics?.value?.offline.length ?? null,
    logBytes: disks?.value?.dirs.reduce((sum, { logBytes }) => sum + logBytes, 0) ?? null,
    groupsBehind: groups?.value == null ? null : behind.length,
    health: (view?.health ?? []).map((found) => ({ ...found, examples: [...found.examples] })),
  }
}

function isBehind(verdict: string): boolean {
  return verdict !== 'OK' && verdict !== 'NOTFOUND'
}

function detailOf(status: ClusterStatus, view: ClusterView | null): ClusterDetail {
  const controller =
    view?.quorum.value?.kind === 'kraft' ? view.quorum.value.leaderId : view?.brokers.value?.controllerId
  const dirs = Map.groupBy(view?.disks.value?.dirs ?? [], ({ nodeId }) => nodeId)
  const age = (part: 'brokers' | 'quorum' | 'topics' | 'disks' | 'groups') => {
    return view === null ? notSeen : ageOf(view[part])
  }
  return {
    ...summaryOf(status, view),
    brokerList: (view?.brokers.value?.brokers ?? []).map(({ nodeId, host, port, rack, isFenced }) => ({
      id: nodeId,
      address: `${host}:${port}`,
      rack,
      isController: nodeId === controller,
      isFenced,
      disks: (dirs.get(nodeId) ?? []).map(({ nodeId: _, ...dir }) => dir),
    })),
    quorum: view?.quorum.value ?? null,
    ages: {
      ...{ brokers: age('brokers'), quorum: age('quorum'), topics: age('topics') },
      ...{ disks: age('disks'), groups: age('groups') },
    },
  }
}
