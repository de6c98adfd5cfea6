import { join } from 'node:path'
import { engineError } from '../errors.ts'
import type { JavaProperties } from '../java-properties.ts'
import type { ManagedClusterSpec } from './spec.ts'
import { HEAP_MIB_DEFAULT } from './spec.ts'
import type { ClusterRecord, NodeRecord } from './state-file.ts'
import { compareVersions } from './versions.ts'

/** Clusters that kmc runs are for this machine: nothing listens on the network. */
export const BROKER_HOST = '127.0.0.1'
export const CLIENT_LISTENER = 'CLIENT'
export const CONTROLLER_LISTENER = 'CONTROLLER'
const FORWARDED_LISTENER = 'FORWARDED'

const MIB = 1024 * 1024
/** Kafka's default of 50 is made for large clusters; each partition costs files and start-up time. */
const INTERNAL_TOPIC_PARTITIONS = 8

/**
 * A killed broker may only register again when its old session is over, 9 s after the kill by default.
 * Controllers and brokers share one machine here, so a shorter session does not mistake a slow network for a
 * death.
 */
const sessionProperties: JavaProperties = {
  'broker.heartbeat.interval.ms': '1000',
  'broker.session.timeout.ms': '4000',
}

/** Settings that follow from what kmc decided; an operator's value would only break the cluster. */
const reservedExact = new Set([
  'node.id',
  'broker.id',
  'process.roles',
  'listeners',
  'advertised.listeners',
  'listener.security.protocol.map',
  'controller.listener.names',
  'inter.broker.listener.name',
  'security.inter.broker.protocol',
  'controller.quorum.voters',
  'controller.quorum.bootstrap.servers',
  'log.dir',
  'log.dirs',
  'metadata.log.dir',
  'zookeeper.connect',
])

/** The server.properties of one broker without security, the operator's `config` included. */
export function brokerProperties(
  spec: ManagedClusterSpec,
  record: ClusterRecord,
  node: NodeRecord,
  dataDirectory: string,
): JavaProperties {
  const properties = {
    ...placeProperties(spec, record, node, dataDirectory),
    ...sizeProperties(spec.heapMiB ?? HEAP_MIB_DEFAULT),
    ...replicationProperties(record),
    ...sessionProperties,
    'auto.create.topics.enable': 'false',
    'group.initial.rebalance.delay.ms': '0',
  }
  return { ...properties, ...checkedConfig(spec) }
}

/** Who this node is and where it listens. */
function placeProperties(
  spec: ManagedClusterSpec,
  record: ClusterRecord,
  node: NodeRecord,
  dataDirectory: string,
): JavaProperties {
  const client = `${CLIENT_LISTENER}://${BROKER_HOST}:${node.port}`
  const protocol = record.security ? 'SASL_SSL' : 'PLAINTEXT'
  const controller =
    node.controllerPort === null ? [] : [`${CONTROLLER_LISTENER}://${BROKER_HOST}:${node.controllerPort}`]
  const forwarded = spec.forwarded?.[node.id]
  const listener = (address: string) => `${FORWARDED_LISTENER}://${address}`
  const inner = forwarded === undefined ? [] : [listener(`${BROKER_HOST}:${forwarded.port}`)]
  const outer = forwarded === undefined ? [] : [listener(forwarded.advertised)]
  const names = [
    CLIENT_LISTENER,
    CONTROLLER_LISTENER,
    ...(forwarded === undefined ? [] : [FORWARDED_LISTENER]),
  ]
  const voters = record.nodes.flatMap(({ id, controllerPort }) =>
    controllerPort === null ? [] : [`${id}@${BROKER_HOST}:${controllerPort}`],
  )
  return {
    'node.id': String(node.id),
    'process.roles': node.controllerPort === null ? 'broker' : 'broker,controller',
    listeners: [client, ...inner, ...controller].join(','),
    'advertised.listeners': [client, ...outer].join(','),
    'listener.security.protocol.map': names.map((name) => `${name}:${protocol}`).join(','),
    'inter.broker.listener.name': CLIENT_LISTENER,
    'controller.listener.names': CONTROLLER_LISTENER,
    'controller.quorum.voters': voters.join(','),
    'log.dirs': dataDirectory,
  }
}

/**
 * The cleaner's default buffer alone takes 128 MiB of heap; a smaller one only means more passes over large
 * topics.
 */
function sizeProperties(heapMiB: number): JavaProperties {
  const bytes = Math.min(128, Math.max(2, Math.floor(heapMiB / 64))) * MIB
  return { 'log.cleaner.dedupe.buffer.size': String(bytes) }
}

/**
 * Three copies where there are three brokers, of which one may be away while writers still get their answers.
 */
function replicationProperties({ nodes, kafkaVersion }: ClusterRecord): JavaProperties {
  const copies = String(Math.min(3, nodes.length))
  const inSync = nodes.length >= 3 ? '2' : '1'
  const partitions = String(INTERNAL_TOPIC_PARTITIONS)
  const share = {
    'share.coordinator.state.topic.num.partitions': partitions,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': inSync,
  }
  return {
    'default.replication.factor': copies,
    'min.insync.replicas': inSync,
    'offsets.topic.num.partitions': partitions,
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.num.partitions': partitions,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': inSync,
    ...(compareVersions(kafkaVersion, '4.0.0') < 0 ? {} : share),
  }
}

function checkedConfig(spec: ManagedClusterSpec): JavaProperties {
  const config = spec.config ?? {}
  for (const key of Object.keys(config)) {
    if (!isReserved(key, spec.security)) continue
    const message = `Cluster ${spec.name}: config ${key} is decided by kmc and cannot be set`
    throw engineError('CLUSTER_CONFIG_RESERVED', message, { context: { cluster: spec.name, key } })
  }
  return config
}

/** Whether kmc decides a broker setting itself, so that an operator's value is refused. */
export function isReserved(key: string, security: boolean): boolean {
  if (reservedExact.has(key)) return true
  return (
    security &&
    /^(listener\.name\.|sasl\.|ssl\.(keystore|truststore|key\.)|authorizer\.class\.name$|super\.users$)/.test(
      key,
    )
  )
}

/** Where a node keeps its things below the cluster's directory. */
export type NodePaths = {
  readonly home: string
  readonly data: string
  readonly logs: string
  readonly properties: string
  readonly logging: string
  readonly pidFile: string
  readonly console: string
  readonly serverLog: string
}

export function nodePaths(clusterDirectory: string, id: number): NodePaths {
  const home = join(clusterDirectory, `node-${id}`)
  const logs = join(home, 'logs')
  return {
    home,
    data: join(home, 'data'),
    logs,
    properties: join(home, 'server.properties'),
    logging: join(home, 'logging.properties'),
    pidFile: join(home, 'pid'),
    console: join(logs, 'console.log'),
    serverLog: join(logs, 'server.log'),
  }
}
