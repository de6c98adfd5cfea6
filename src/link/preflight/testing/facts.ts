import type { AclOperation } from '../../../client/admin/acl-codes.ts'
import { defaultTravel } from '../../travel/options.ts'
import {
  type Facts,
  known,
  type MirrorTopic,
  type SideFacts,
  type SourceTopic,
  type Told,
  unknown,
} from '../facts.ts'

/** Facts of a link with which nothing is amiss, to be changed one by one. */

const EVERYTHING = new Set<AclOperation>([
  ...(['read', 'write', 'create', 'delete', 'alter', 'describe'] as const),
  ...(['describe-configs', 'alter-configs'] as const),
])

export function rights(...without: AclOperation[]): Told<ReadonlySet<AclOperation>> {
  return known(new Set([...EVERYTHING].filter((operation) => !without.includes(operation))))
}

export function side(name: string, change: Partial<SideFacts> = {}): SideFacts {
  return {
    name,
    access: { principal: 'User:kmc', bootstrap: `${name}:9093`, isSecured: true },
    clusterId: `id-of-${name}`,
    brokers: 3,
    metadataLevel: 25,
    missingApis: known([{ node: 1, apis: [] }]),
    brokerSettings: known({ 'socket.request.max.bytes': '104857600' }),
    quotas: known({ limits: {}, areOwn: false }),
    clock: known({ leastMs: -2, mostMs: 2 }),
    disks: known([{ node: 1, freeBytes: 2 ** 40, totalBytes: 2 ** 41 }]),
    ...change,
  }
}

const replicas = { partitions: 3, replicationFactor: 3, leaderless: 0, inSyncMin: 3 }

export function sourceTopic(change: Partial<SourceTopic> = {}): SourceTopic {
  return {
    name: 'orders',
    ...replicas,
    rights: rights(),
    settings: known({ effective: { 'max.message.bytes': '1048588' }, own: {} }),
    offsets: known(1_000),
    bytes: known(100_000),
    holdsOld: known(false),
    ...change,
  }
}

export function mirrorTopic(change: Partial<MirrorTopic> = {}): MirrorTopic {
  return {
    name: 'orders',
    topic: 'orders',
    rights: rights(),
    present: null,
    offsets: known(0),
    settings: known({ effective: { 'compression.type': 'producer' }, own: {} }),
    refusal: known(null),
    keeper: null,
    ...change,
  }
}

export function facts(change: Partial<Facts> = {}): Facts {
  return {
    link: 'dr',
    topics: ['*'],
    prefix: '',
    rules: { ...defaultTravel.configs, known: null },
    source: side('tokyo'),
    destination: side('osaka'),
    recordedSource: null,
    gaps: known('markers'),
    producerId: known(true),
    state: mirrorTopic({ name: '__kmc_state', topic: '__kmc_state' }),
    sourceTopics: [sourceTopic()],
    unseenTopics: [],
    mirrors: [mirrorTopic()],
    groups: [{ group: 'billing', side: 'destination', rights: rights() }],
    internals: [{ name: '__consumer_offsets', present: replicas, minInsync: null }],
    ...change,
  }
}

export const present = replicas
export const notTold = unknown<never>('CLUSTER_AUTHORIZATION_FAILED')
