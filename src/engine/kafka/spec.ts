import { engineError } from '../errors.ts'
import type { KafkaSource } from './jars.ts'

/** A Kafka cluster that kmc runs on this machine. */
export type ManagedClusterSpec = {
  readonly name: string
  /** Everything the cluster keeps: `cluster.json`, `node-<id>/{data,logs}`, `security/`. */
  readonly directory: string
  readonly kafka: KafkaSource
  readonly brokers: number
  /** At the first start ports are taken from here on, leaving out those in use; then they are remembered. */
  readonly basePort: number
  /** SASL_SSL, an authorizer that denies by default, certificates and passwords made for the cluster. */
  readonly security: boolean
  /** Broker settings that win over kmc's own, except those that kmc must decide. */
  readonly config?: Readonly<Record<string, string>>
  /** Java heap of each broker. Default 256. */
  readonly heapMiB?: number
  /** A second way in for clients, by broker id: a port to listen on, and the address that clients are told. */
  readonly forwarded?: Readonly<Record<number, ForwardedListener>>
  /** Further JVM options for each broker, after kmc's own. */
  readonly jvmOptions?: readonly string[]
}

/** For brokers behind a port forward or a proxy: clients come to `advertised`, what arrives there reaches `port`. */
export type ForwardedListener = { readonly port: number; readonly advertised: string }

export const HEAP_MIB_DEFAULT = 256
/** Below this a broker dies with OutOfMemoryError at start. */
const HEAP_MIB_MIN = 96
const BROKERS_MAX = 32
const PORT_MAX = 65_535

/** Throws CLUSTER_SPEC_INVALID, naming cluster, field and limit, for values that cannot work. */
export function checkSpec(spec: ManagedClusterSpec): void {
  const heapMiB = spec.heapMiB ?? HEAP_MIB_DEFAULT
  check(spec, 'brokers', spec.brokers, 1, BROKERS_MAX)
  check(spec, 'port', spec.basePort, 1024, PORT_MAX - 2 * BROKERS_MAX)
  check(spec, 'heap', heapMiB, HEAP_MIB_MIN, 1024 * 1024)
  if (/[,\n]/.test(spec.directory)) {
    const message = `Cluster ${spec.name}: Kafka cannot keep data in a path with a comma: ${spec.directory}`
    throw engineError('CLUSTER_SPEC_INVALID', message, { context: { cluster: spec.name } })
  }
}

function check(spec: ManagedClusterSpec, field: string, value: number, min: number, max: number): void {
  if (Number.isInteger(value) && value >= min && value <= max) return
  const message = `Cluster ${spec.name}: ${field} must be a whole number from ${min} to ${max}, not ${value}`
  throw engineError('CLUSTER_SPEC_INVALID', message, { context: { cluster: spec.name, field, value } })
}
