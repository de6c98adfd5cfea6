import type { LinkSpec } from '../../../link/spec.ts'
import type { MirrorRecord } from '../../../link/state/records.ts'
import {
  known,
  type LinkFacts,
  type LogFacts,
  type PlanFacts,
  type RouteFacts,
  type SideFacts,
} from '../facts.ts'

const AT = Date.UTC(2026, 10, 22, 3, 0, 0)

const log: LogFacts = { start: 0, end: 100, newest: AT - 1_000, bytes: 10_000 }

/** A cluster with the topic `orders` (2 partitions), the group `billing`, and nothing amiss. */
export function side(name: string, change: Partial<SideFacts> = {}): SideFacts {
  const orders = { name: 'orders', id: `id-${name}`, partitions: 2, replicationFactor: 3, leaderless: [] }
  const settings = { effective: { 'retention.ms': '1000' }, own: {} }
  return {
    name,
    clusterId: `cluster-${name}`,
    topics: new Map([['orders', orders]]),
    logs: new Map([
      ['orders-0', log],
      ['orders-1', log],
    ]),
    settings: known({ topics: new Map([['orders', settings]]), defaults: { 'retention.ms': '1000' } }),
    acls: known(null),
    users: known(new Map()),
    quotas: known([]),
    groups: known([billing]),
    producers: known([]),
    transactions: known([]),
    ...change,
  }
}

export const billing = {
  group: 'billing',
  type: 'classic',
  protocolType: 'consumer',
  state: 'Empty',
  members: 0,
  clients: [],
  positions: [
    { topic: 'orders', partition: 0, offset: 50, metadata: null },
    { topic: 'orders', partition: 1, offset: 60, metadata: null },
  ],
}

export const mirror: MirrorRecord = {
  link: 'dr',
  topic: 'orders',
  mirror: 'orders',
  sourceTopicId: 'id-seoul',
  mirrorTopicId: 'id-osaka',
  state: 'active',
  answer: null,
  closing: false,
  promotedAt: null,
  adopted: [],
  start: [0, 0],
  withheld: {},
  producerIds: [],
  accepted: [],
  damage: [],
}

export function link(change: Partial<LinkFacts> = {}): LinkFacts {
  const empty = { written: new Map(), handOver: new Map() }
  const work = { desired: 'active', generation: 3, workers: known(1), producerIdsFrom: 200_000 } as const
  return { name: 'dr', ...work, mirrors: [mirror], ...empty, ...change }
}

const spec: LinkSpec = {
  name: 'dr',
  source: { name: 'seoul', bootstrap: [] },
  destination: { name: 'osaka', bootstrap: [] },
  topics: ['*'],
  groups: ['*'],
  prefix: '',
  start: { at: 'earliest' },
}

const route: RouteFacts = {
  name: 'shop',
  primary: 'seoul',
  standby: 'osaka',
  epoch: 4,
  moves: 0,
  active: 'seoul',
  gateways: [],
  running: null,
}

/** A route of which a switchover can be made. */
export function facts(change: Partial<PlanFacts> = {}): PlanFacts {
  return {
    at: AT,
    by: { user: 'ann', host: 'desk' },
    route,
    spec,
    from: known(side('seoul')),
    to: known(side('osaka')),
    toName: 'osaka',
    link: known(link()),
    lastSeen: null,
    ...change,
  }
}

export { AT, log, route, spec }
