import { isReserved } from '../../../engine/kafka/properties.ts'
import { kafkaVersions } from '../../../engine/kafka/versions.ts'
import type { ClusterDeclaration, ExternalClusterDeclaration, ManagedClusterDeclaration } from '../fleet.ts'
import { portsOf, rangesOverlap } from '../ports.ts'
import { nodeAt } from '../tree.ts'
import { type CheckContext, remark, report } from './context.ts'

/** Checks of clusters, each alone and against each other. */
export function checkClusters(context: CheckContext): void {
  const clusters = Object.values(context.fleet.clusters)
  for (const cluster of clusters) {
    if (cluster.kind === 'managed') checkManaged(context, cluster)
    else checkExternal(context, cluster)
  }
  checkPorts(context, clusters)
  checkSameAddress(context, clusters)
  checkSameId(context, clusters)
}

function checkManaged(context: CheckContext, cluster: ManagedClusterDeclaration): void {
  const at = ['clusters', cluster.name]
  if (nodeAt(context.root, [...at, 'kafka']) !== null && nodeAt(context.root, [...at, 'home']) !== null) {
    report(
      context,
      [...at, 'home'],
      '`home` and `kafka` exclude each other; the Kafka in `home` has its own version',
      'key',
    )
  }
  const versions = kafkaVersions.map((entry) => entry.version)
  if ('version' in cluster.kafka && !versions.includes(cluster.kafka.version)) {
    const known = versions.join(', ')
    report(context, [...at, 'kafka'], `this version of Kafka is not known to kmc; known: ${known}`)
  }
  for (const [name, value] of Object.entries(cluster.config)) {
    const path = [...at, 'config', name]
    if (isReserved(name, cluster.security)) report(context, path, 'kmc sets this itself', 'key')
    const needed = brokersNeeded(name, value)
    if (needed > cluster.brokers) {
      report(context, path, `needs ${needed} brokers, the cluster has ${cluster.brokers}`)
    }
  }
  if (cluster.brokers === 2) {
    remark(context, [...at, 'brokers'], 'with 2 brokers the loss of either stops the cluster; take 1 or 3')
  }
}

/** How many brokers a replication setting asks for; 0 for other settings. */
function brokersNeeded(name: string, value: string): number {
  return /(replication\.factor|min\.insync\.replicas|\.min\.isr)$/.test(name) ? Number(value) || 0 : 0
}

function checkExternal(context: CheckContext, cluster: ExternalClusterDeclaration): void {
  const { tls, sasl } = cluster
  const at = ['clusters', cluster.name]
  if (tls !== null && (tls.certificate === null) !== (tls.key === null)) {
    const [there, lacking] = tls.key === null ? ['certificate', 'key'] : ['key', 'certificate']
    report(context, [...at, 'tls', there], `needs \`${lacking}\` beside it`, 'key')
  }
  if (tls?.keyPassword && tls.key === null) {
    report(context, [...at, 'tls', 'keyPassword'], 'needs `key` beside it', 'key')
  }
  const open = tls === null && cluster.bootstrap.some((address) => hostOf(address) !== LOOPBACK)
  if (open && (sasl?.mechanism === 'PLAIN' || sasl?.mechanism === 'OAUTHBEARER')) {
    remark(
      context,
      [...at, 'sasl'],
      `${sasl.mechanism} without \`tls\` sends the secret readable over the network`,
    )
  }
}

const LOOPBACK = 'this machine'

/** Hosts that are this machine under several names count as one. */
function hostOf(address: string): string {
  const host = address.slice(0, address.lastIndexOf(':')).toLowerCase()
  return /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host) ? LOOPBACK : host
}

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}

function checkPorts(context: CheckContext, clusters: readonly ClusterDeclaration[]): void {
  const managed = clusters.filter((cluster) => cluster.kind === 'managed')
  managed.forEach((cluster, index) => {
    const range = portsOf(cluster.port, cluster.brokers)
    if (range.last > 65_535) {
      report(
        context,
        ['clusters', cluster.name, 'port'],
        `${cluster.brokers} brokers need ports up to ${range.last}`,
      )
    }
    for (const other of managed.slice(0, index)) {
      const otherRange = portsOf(other.port, other.brokers)
      if (!rangesOverlap(range, otherRange)) continue
      report(
        context,
        ['clusters', portIsWritten(context, cluster.name) ? cluster.name : other.name, 'port'],
        `ports ${range.first}-${range.last} of ${cluster.name} overlap with ports ${otherRange.first}-${otherRange.last} of ${other.name}`,
      )
    }
  })
}

function portIsWritten(context: CheckContext, name: string): boolean {
  return nodeAt(context.root, ['clusters', name, 'port']) !== null
}

/** One address cannot be two clusters: a link between them would be a link to itself. */
function checkSameAddress(context: CheckContext, clusters: readonly ClusterDeclaration[]): void {
  const owners = new Map<string, string>()
  for (const cluster of clusters) {
    if (cluster.kind !== 'managed') continue
    const { first, last } = portsOf(cluster.port, cluster.brokers)
    for (let port = first; port <= last; port++) owners.set(`${LOOPBACK}:${port}`, cluster.name)
  }
  for (const cluster of clusters) {
    if (cluster.kind !== 'external') continue
    cluster.bootstrap.forEach((address, index) => {
      const key = `${hostOf(address)}:${portOf(address)}`
      const owner = owners.get(key)
      if (owner === undefined) owners.set(key, cluster.name)
      else if (owner !== cluster.name) {
        const why = 'two names for one cluster would make links to itself'
        const path = ['clusters', cluster.name, 'bootstrap', index]
        report(context, path, `this address belongs to ${owner}; ${why}`)
      }
    })
  }
}

function checkSameId(context: CheckContext, clusters: readonly ClusterDeclaration[]): void {
  const owners = new Map<string, string>()
  for (const cluster of clusters) {
    if (cluster.kind !== 'external' || cluster.clusterId === null) continue
    const owner = owners.get(cluster.clusterId)
    if (owner === undefined) owners.set(cluster.clusterId, cluster.name)
    else
      report(
        context,
        ['clusters', cluster.name, 'clusterId'],
        `${owner} has the same id; they are one cluster`,
      )
  }
}
