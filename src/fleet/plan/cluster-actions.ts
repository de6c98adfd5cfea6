import { compareVersions } from '../../engine/kafka/versions.ts'
import type {
  ClusterDeclaration,
  ExternalClusterDeclaration,
  ManagedClusterDeclaration,
} from '../file/fleet.ts'
import { counted, type Notes, observedCluster, type PlanInput } from './notes.ts'
import { entryOf, type ObservedCluster } from './observed.ts'
import type { Change } from './plan.ts'

/** Everything a plan says about clusters. */
export function planClusters(input: PlanInput, notes: Notes): void {
  for (const cluster of Object.values(input.declared.clusters)) {
    const observed = observedCluster(input, cluster.name)
    notes.rest(`cluster ${cluster.name}`, stateFact(observed))
    if (cluster.kind === 'managed') planManaged(input, cluster, observed, notes)
    else planExternal(input, cluster, observed, notes)
  }
  planRemoved(input, notes)
  refuseSameCluster(input, notes)
}

function stateFact(observed: ObservedCluster | null): string {
  if (observed === null) return 'not looked at'
  return observed.clusterId === null ? observed.state : `${observed.state}, id ${observed.clusterId}`
}

function planManaged(
  input: PlanInput,
  cluster: ManagedClusterDeclaration,
  observed: ObservedCluster | null,
  notes: Notes,
): void {
  const { name } = cluster
  const subject = `cluster ${name}`
  if (observed === null || observed.state === 'absent') {
    const reason = `in the fleet file, and not here yet: ${describe(cluster)}`
    notes.act({ action: 'create-cluster', cluster: name, subject, reason, declaration: cluster })
    return
  }
  const before = entryOf(input.observed.applied?.clusters ?? null, name)?.declaration
  const changes = before === undefined ? [] : clusterChanges(before, cluster)
  const running = observed.state === 'ready' || observed.state === 'starting'
  if (changes.length > 0) {
    notes.rest(`cluster ${name} as applied`, describe(before!))
    const reason = 'the fleet file says otherwise than what was applied'
    const restart = running
    notes.act({
      action: 'change-cluster',
      cluster: name,
      subject,
      reason,
      declaration: cluster,
      changes,
      restart,
    })
    if (before!.kind !== 'managed') refuseChange(notes, cluster, 'it was an external cluster')
    else refuseImpossible(notes, before as ManagedClusterDeclaration, cluster)
    if (restart)
      notes.warn(subject, 'it is stopped and started again; with one broker it is away for some seconds')
  }
  if (!running) {
    const why =
      observed.state === 'failed' ? `failed: ${observed.trouble?.message ?? 'unknown why'}` : observed.state
    notes.act({
      action: 'start-cluster',
      cluster: name,
      subject,
      reason: `it is ${why}`,
      declaration: cluster,
    })
  }
}

/** What the engine cannot do without losing data. */
function refuseImpossible(
  notes: Notes,
  before: ManagedClusterDeclaration,
  now: ManagedClusterDeclaration,
): void {
  if (now.brokers < before.brokers) {
    refuseChange(
      notes,
      now,
      `with ${now.brokers} of ${before.brokers} brokers the data of the others would be lost`,
    )
  }
  if (now.security !== before.security)
    refuseChange(notes, now, '`security` is decided when a cluster is made')
  if ('version' in before.kafka && 'version' in now.kafka) {
    const older = compareVersions(now.kafka.version, before.kafka.version) < 0
    if (older)
      refuseChange(notes, now, `Kafka ${now.kafka.version} cannot read the data of ${before.kafka.version}`)
  }
}

function refuseChange(notes: Notes, cluster: ManagedClusterDeclaration, why: string): void {
  notes.refuse(
    `cluster ${cluster.name}`,
    'CHANGE_NEEDS_NEW_CLUSTER',
    `cluster ${cluster.name} cannot be changed: ${why}`,
  )
}

function planExternal(
  input: PlanInput,
  cluster: ExternalClusterDeclaration,
  observed: ObservedCluster | null,
  notes: Notes,
): void {
  const { name } = cluster
  const subject = `cluster ${name}`
  const applied = entryOf(input.observed.applied?.clusters ?? null, name)
  const changes = applied === null ? [] : clusterChanges(applied.declaration, cluster)
  if (changes.length > 0) {
    notes.rest(`cluster ${name} as applied`, describe(applied!.declaration))
    const reason = 'the fleet file says otherwise than what was applied'
    notes.act({
      action: 'change-cluster',
      cluster: name,
      subject,
      reason,
      declaration: cluster,
      changes,
      restart: false,
    })
  }
  if (observed?.state === 'unreachable') {
    notes.warn(subject, `it does not answer: ${observed.trouble?.message ?? 'unknown why'}`)
  }
  const sameKind = applied?.declaration.kind === 'external'
  const expected = cluster.clusterId ?? (sameKind ? applied.clusterId : null)
  const found = observed?.clusterId ?? null
  if (expected === null || found === null || expected === found) return
  const address = cluster.bootstrap.join(', ')
  const message = `${address} answers as cluster ${found}; ${name} is known as ${expected}`
  notes.refuse(subject, 'CLUSTER_ID_CHANGED', message)
}

/** Clusters that were applied and are no longer in the file. Nothing is ever deleted for that. */
function planRemoved(input: PlanInput, notes: Notes): void {
  for (const [name, { declaration }] of Object.entries(input.observed.applied?.clusters ?? {})) {
    if (Object.hasOwn(input.declared.clusters, name) || declaration.kind !== 'managed') continue
    const observed = observedCluster(input, name)
    notes.rest(`cluster ${name}`, stateFact(observed))
    if (observed === null || observed.state === 'absent' || observed.state === 'stopped') continue
    const reason = `no longer in the fleet file; its data stay in .kmc/clusters/${name}`
    notes.act({ action: 'stop-cluster', cluster: name, subject: `cluster ${name}`, reason })
  }
}

/** Two names for one cluster show only when both answer. */
function refuseSameCluster(input: PlanInput, notes: Notes): void {
  const owners = new Map<string, string>()
  for (const name of Object.keys(input.declared.clusters)) {
    const clusterId = observedCluster(input, name)?.clusterId ?? null
    if (clusterId === null) continue
    const owner = owners.get(clusterId)
    if (owner === undefined) owners.set(clusterId, name)
    else
      notes.refuse(
        `cluster ${name}`,
        'CLUSTERS_ARE_ONE',
        `${owner} and ${name} are both cluster ${clusterId}`,
      )
  }
}

/** What differs between two declarations of one cluster; `region` is only a label and changes nothing. */
function clusterChanges(before: ClusterDeclaration, now: ClusterDeclaration): Change[] {
  const [was, is] = [facets(before), facets(now)]
  return [...new Set([...Object.keys(was), ...Object.keys(is)])]
    .filter((key) => was[key] !== is[key])
    .map((key) => ({ key, from: was[key] ?? 'nothing', to: is[key] ?? 'nothing' }))
}

function facets(cluster: ClusterDeclaration): Record<string, string> {
  if (cluster.kind === 'external') {
    return {
      kind: 'external',
      bootstrap: cluster.bootstrap.join(', '),
      tls: JSON.stringify(cluster.tls),
      sasl: JSON.stringify(cluster.sasl),
      clusterId: cluster.clusterId ?? 'any',
    }
  }
  return {
    kind: 'managed',
    brokers: String(cluster.brokers),
    ...('version' in cluster.kafka ? { kafka: cluster.kafka.version } : { home: cluster.kafka.home }),
    port: String(cluster.port),
    security: String(cluster.security),
    heap: cluster.heapMiB === null ? 'default' : `${cluster.heapMiB} MiB`,
    ...Object.fromEntries(Object.entries(cluster.config).map(([key, value]) => [`config ${key}`, value])),
  }
}

/** A cluster in one line. */
function describe(cluster: ClusterDeclaration): string {
  if (cluster.kind === 'external') return `external at ${cluster.bootstrap.join(', ')}`
  const kafka =
    'version' in cluster.kafka ? `Kafka ${cluster.kafka.version}` : `Kafka in ${cluster.kafka.home}`
  const secured = cluster.security ? ', secured' : ''
  return `${kafka}, ${counted(cluster.brokers, 'broker')}, from port ${cluster.port}${secured}`
}
