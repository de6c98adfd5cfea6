import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { engineError } from '../errors.ts'
import { choosePorts, keepPorts } from '../ports.ts'
import type { ManagedClusterSpec } from './spec.ts'
import type { ClusterRecord, NodeRecord } from './state-file.ts'
import { portsOf, randomUuid, readClusterRecord, writeClusterRecord } from './state-file.ts'
import { compareVersions } from './versions.ts'

const CONTROLLERS_MAX = 3

/** Where a cluster's memory is. */
export const recordFile = (directory: string) => join(directory, 'cluster.json')

/**
 * The cluster as it is remembered, brought up to what `spec` asks for: made the first time, grown by brokers
 * that join without a controller, moved to other ports when the operator changed `port`, marked with a newer
 * Kafka. What cannot be changed is refused with CLUSTER_CHANGED or KAFKA_DOWNGRADE.
 */
export async function ensureClusterRecord(
  spec: ManagedClusterSpec,
  kafkaVersion: string,
): Promise<ClusterRecord> {
  await mkdir(spec.directory, { recursive: true })
  const path = recordFile(spec.directory)
  const known = await readClusterRecord(path)
  if (known !== undefined) {
    refuseImpossible(spec, known, kafkaVersion)
    keepPorts(portsOf(known))
  }
  const record =
    known === undefined ? await newRecord(spec, kafkaVersion) : await adapted(spec, known, kafkaVersion)
  if (record !== known) await writeClusterRecord(path, record)
  return record
}

async function newRecord(spec: ManagedClusterSpec, kafkaVersion: string): Promise<ClusterRecord> {
  const { name, security, basePort } = spec
  const nodes = await placeNodes(basePort, spec.brokers, (at) => at < CONTROLLERS_MAX)
  return { format: 1, name, clusterId: randomUuid(), kafkaVersion, security, basePort, nodes }
}

function refuseImpossible(spec: ManagedClusterSpec, known: ClusterRecord, kafkaVersion: string): void {
  const refuse = (what: string) => {
    throw engineError('CLUSTER_CHANGED', `Cluster ${spec.name} in ${spec.directory} ${what}`, {
      context: { cluster: spec.name },
    })
  }
  if (known.security !== spec.security)
    refuse(`was made with security: ${known.security}, which cannot be changed`)
  if (known.nodes.length > spec.brokers) {
    refuse(`has ${known.nodes.length} brokers; with ${spec.brokers} the data of the others would be lost`)
  }
  if (compareVersions(kafkaVersion, known.kafkaVersion) >= 0) return
  const has = `Cluster ${spec.name} has run Kafka ${known.kafkaVersion}`
  const message = `${has}; Kafka ${kafkaVersion} cannot read its data`
  throw engineError('KAFKA_DOWNGRADE', message, { context: { cluster: spec.name } })
}

async function adapted(
  spec: ManagedClusterSpec,
  known: ClusterRecord,
  kafkaVersion: string,
): Promise<ClusterRecord> {
  const { basePort } = spec
  const moved = known.basePort !== basePort
  const missing = spec.brokers - known.nodes.length
  if (!moved && missing === 0 && known.kafkaVersion === kafkaVersion) return known
  let nodes = known.nodes
  if (moved)
    nodes = await placeNodes(basePort, nodes.length, (at) => known.nodes[at]?.controllerPort !== null)
  if (missing > 0) {
    const from = Math.max(...portsOf({ ...known, nodes })) + 1
    const added = await placeNodes(from, missing, () => false)
    nodes = [...nodes, ...added.map((node) => ({ ...node, id: node.id + known.nodes.length }))]
  }
  return { ...known, basePort, kafkaVersion, nodes }
}

/** Client ports first, so that the first broker is at the base port and the others follow it. */
async function placeNodes(
  basePort: number,
  count: number,
  isController: (at: number) => boolean,
): Promise<NodeRecord[]> {
  const controllers = Array.from({ length: count }, (_, at) => isController(at)).filter(Boolean).length
  const ports = await choosePorts(basePort, count + controllers)
  let next = count
  return Array.from({ length: count }, (_, at) => ({
    id: at + 1,
    port: ports[at]!,
    controllerPort: isController(at) ? ports[next++]! : null,
  }))
}
