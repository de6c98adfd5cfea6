import type { ErrorContext } from '../base/error.ts'
import { KmcError } from '../base/error.ts'

/**
 * Every code the engine raises: what it means and what the operator can do. docs/reference/errors.md is made
 * from it.
 */
export const engineErrors = {
  JAVA_MISSING: {
    title: 'No Java 17 or newer was found',
    remedy: 'Install Java 17 or newer, or set JAVA_HOME to one.',
  },
  JAVA_UNSUITABLE: {
    title: 'This Java cannot run this Kafka',
    remedy: 'Set JAVA_HOME to a Java that this Kafka supports, or choose a newer Kafka.',
  },
  MAVEN_MISSING: {
    title: 'Maven is needed to fetch Kafka and was not found',
    remedy: 'Install Maven, or name an unpacked Kafka with `home:`.',
  },
  MAVEN_FAILED: {
    title: 'Maven could not fetch Kafka',
    remedy:
      'Check the network, and proxy and mirrors in your Maven settings, or name an unpacked Kafka with `home:`.',
  },
  KAFKA_VERSION_UNSUPPORTED: {
    title: 'This Kafka version is not one that kmc runs',
    remedy: 'Choose one of the versions that the message lists.',
  },
  KAFKA_HOME_INVALID: {
    title: 'The folder named by `home:` is not an unpacked Kafka',
    remedy: 'Name the folder that holds `libs/` of an unpacked Apache Kafka.',
  },
  KAFKA_DOWNGRADE: {
    title: 'The data were written by a newer Kafka than the one asked for',
    remedy: 'Choose the version that wrote the data or a newer one.',
  },
  CLUSTER_SPEC_INVALID: {
    title: 'A managed cluster cannot be run as described',
    remedy: 'Correct the value that the message names in the fleet file.',
  },
  CLUSTER_CONFIG_RESERVED: {
    title: 'A broker setting that kmc decides itself was given in `config:`',
    remedy: 'Remove the setting from `config:`.',
  },
  CLUSTER_IN_USE: {
    title: 'Another process already runs this cluster',
    remedy: 'Stop the other process first, or work through it.',
  },
  CLUSTER_CHANGED: {
    title: 'The cluster on disk was made with other settings that cannot be changed',
    remedy: 'Put the old value back, or destroy the cluster (its data are lost) and make it anew.',
  },
  CLUSTER_STATE_UNREADABLE: {
    title: 'The state file of a managed cluster cannot be read',
    remedy: 'Restore the file from a copy, or destroy the cluster (its data are lost).',
  },
  CLUSTER_STOPPED: {
    title: 'A cluster was stopped while it was being started',
    remedy: 'Start it again.',
  },
  CLUSTER_NOT_PREPARED: {
    title: 'The cluster has no addresses yet',
    remedy: 'Start the cluster first.',
  },
  PORT_TAKEN: {
    title: 'A port that the cluster needs is taken',
    remedy: 'Stop the process that holds the port, or give the cluster another `port:` in the fleet file.',
  },
  ENGINE_START_FAILED: {
    title: 'A process that kmc runs did not come up',
    remedy: 'Read the log that the message names.',
  },
  ENGINE_TOOL_FAILED: {
    title: 'A Java tool that kmc runs failed',
    remedy: 'Read the output in the message.',
  },
  LOCK_TIMEOUT: {
    title: 'Another process holds a lock for too long',
    remedy: 'Wait until the other process is done, or stop it.',
  },
} as const

export type EngineErrorCode = keyof typeof engineErrors

export type EngineErrorOptions = {
  readonly remedy?: string
  readonly context?: ErrorContext
  readonly cause?: unknown
}

/** Makes an error of the engine; the table's remedy is used unless a better one is given. */
export function engineError(
  code: EngineErrorCode,
  message: string,
  options: EngineErrorOptions = {},
): KmcError {
  return new KmcError(code, message, { remedy: engineErrors[code].remedy, ...options })
}
