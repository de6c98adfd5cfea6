import { engineError } from '../errors.ts'
import type { MavenArtifact } from '../maven.ts'

/** Which logging library a Kafka uses; it decides the form of the logging settings. */
export type LoggingFlavour = 'log4j2' | 'reload4j'

/** One Kafka that kmc fetches and runs; every one of these was fetched and started. */
export type KafkaVersion = {
  readonly version: string
  readonly logging: LoggingFlavour
  /** The version of the binding that Kafka's own distribution ships and its pom does not name. */
  readonly loggingVersion: string
}

/** Newest first. */
export const kafkaVersions: readonly KafkaVersion[] = [
  { version: '4.3.1', logging: 'log4j2', loggingVersion: '2.25.4' },
  { version: '4.3.0', logging: 'log4j2', loggingVersion: '2.25.4' },
  { version: '4.2.0', logging: 'log4j2', loggingVersion: '2.25.3' },
  { version: '4.1.2', logging: 'log4j2', loggingVersion: '2.25.3' },
  { version: '4.1.1', logging: 'log4j2', loggingVersion: '2.24.3' },
  { version: '4.1.0', logging: 'log4j2', loggingVersion: '2.24.3' },
  { version: '4.0.2', logging: 'log4j2', loggingVersion: '2.24.3' },
  { version: '4.0.0', logging: 'log4j2', loggingVersion: '2.24.3' },
  { version: '3.9.2', logging: 'reload4j', loggingVersion: '1.7.36' },
]

export const defaultKafkaVersion = '4.3.1'

/** The entry of a version; KAFKA_VERSION_UNSUPPORTED, which lists what there is, for any other. */
export function kafkaVersion(version: string): KafkaVersion {
  const found = kafkaVersions.find((entry) => entry.version === version)
  if (found !== undefined) return found
  const supported = kafkaVersions.map((entry) => entry.version)
  throw engineError('KAFKA_VERSION_UNSUPPORTED', `Kafka ${version} is not one of ${supported.join(', ')}`, {
    context: { version, supported },
  })
}

/**
 * What Maven is asked for: the broker, its tools, Connect with MirrorMaker 2, and the logging that goes with
 * them.
 */
export function kafkaArtifacts({ version, logging, loggingVersion }: KafkaVersion): MavenArtifact[] {
  const kafka = (artifact: string) => ({ group: 'org.apache.kafka', artifact, version })
  const log4j = (artifact: string) => ({
    group: 'org.apache.logging.log4j',
    artifact,
    version: loggingVersion,
  })
  const binding =
    logging === 'log4j2'
      ? [log4j('log4j-api'), log4j('log4j-core'), log4j('log4j-slf4j-impl')]
      : [{ group: 'org.slf4j', artifact: 'slf4j-reload4j', version: loggingVersion }]
  return [kafka('kafka_2.13'), kafka('kafka-tools'), kafka('connect-mirror'), ...binding]
}

/**
 * The newest Java that runs a Kafka in full: before 4.0 it calls Subject.getSubject, which Java 24 made fail
 * (JEP 486).
 */
export function javaMajorMax(version: string): number {
  return compareVersions(version, '4.0.0') < 0 ? 23 : Number.POSITIVE_INFINITY
}

/** Compares dotted versions by their numbers: negative when `a` is older than `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [a, b].map((version) =>
    version.split(/[.-]/).map((part) => Number.parseInt(part, 10) || 0),
  )
  for (let at = 0; at < 3; at++) {
    const difference = (left?.[at] ?? 0) - (right?.[at] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
