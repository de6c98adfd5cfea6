import { randomBytes } from 'node:crypto'
import { readIfPresent, writeDurably } from '../durable-file.ts'
import { engineError } from '../errors.ts'

/** One broker as remembered between runs. */
export type NodeRecord = {
  readonly id: number
  readonly port: number
  /**
   * Set on the nodes that are also controllers; the set never changes, a static quorum could not follow
   * (KIP-595).
   */
  readonly controllerPort: number | null
}

/** What a managed cluster remembers in `<directory>/cluster.json`. */
export type ClusterRecord = {
  readonly format: 1
  readonly name: string
  readonly clusterId: string
  /** The newest Kafka that has run on the data. */
  readonly kafkaVersion: string
  readonly security: boolean
  readonly basePort: number
  readonly nodes: readonly NodeRecord[]
}

/** All ports that a cluster has. */
export function portsOf({ nodes }: ClusterRecord): number[] {
  return nodes.flatMap(({ port, controllerPort }) =>
    controllerPort === null ? [port] : [port, controllerPort],
  )
}

/**
 * Reads cluster.json; undefined when the cluster was never made. CLUSTER_STATE_UNREADABLE for anything else
 * that is there.
 */
export async function readClusterRecord(path: string): Promise<ClusterRecord | undefined> {
  const text = await readIfPresent(path)
  if (text === undefined) return undefined
  const record = parseClusterRecord(text)
  if (record !== undefined) return record
  throw engineError('CLUSTER_STATE_UNREADABLE', `${path} is not a state file that this kmc understands`)
}

export function writeClusterRecord(path: string, record: ClusterRecord): Promise<void> {
  return writeDurably(path, `${JSON.stringify(record, null, 2)}\n`)
}

/** The record in a text, or undefined when the text is something else. */
export function parseClusterRecord(text: string): ClusterRecord | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const record = value as Partial<ClusterRecord>
  const whole =
    record.format === 1 &&
    typeof record.name === 'string' &&
    typeof record.clusterId === 'string' &&
    typeof record.kafkaVersion === 'string' &&
    typeof record.security === 'boolean' &&
    Number.isInteger(record.basePort) &&
    Array.isArray(record.nodes) &&
    record.nodes.every(isNodeRecord)
  return whole ? (record as ClusterRecord) : undefined
}

function isNodeRecord(value: unknown): boolean {
  const node = value as Partial<NodeRecord> | null
  const { id, port, controllerPort } = node ?? {}
  return (
    Number.isInteger(id) &&
    Number.isInteger(port) &&
    (controllerPort === null || Number.isInteger(controllerPort))
  )
}

/**
 * A random id as Kafka writes it: 16 bytes in 22 characters of base64url. Never one that starts with `-`,
 * which command lines take for an option (Kafka's Uuid.randomUuid avoids it too).
 */
export function randomUuid(): string {
  for (;;) {
    const bytes = randomBytes(16)
    bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x40, 6)
    bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
    const text = bytes.toString('base64url')
    if (!text.startsWith('-')) return text
  }
}
