import type { Secret } from '../../base/secret.ts'
import type { JavaProperties } from '../java-properties.ts'
import type { Certificates } from './certificates.ts'
import type { ClusterCredentials } from './credentials.ts'
import { ADMIN_USER, BROKER_USER } from './credentials.ts'
import { CLIENT_LISTENER, CONTROLLER_LISTENER } from './properties.ts'

/** What a secured cluster has besides an open one. */
export type ClusterSecurity = {
  readonly credentials: ClusterCredentials
  readonly certificates: Certificates
}

/**
 * How to reach a managed cluster; the fields have the shape of a client's configuration, so they can be
 * spread into it.
 */
export type ClientAccess = {
  readonly bootstrap: readonly string[]
  readonly tls?: { readonly ca: string }
  readonly sasl?: {
    readonly mechanism: 'SCRAM-SHA-512'
    readonly username: string
    readonly password: Secret
  }
}

/**
 * The broker settings of a secured cluster. Clients sign in with SCRAM-SHA-512 or PLAIN. Brokers use PLAIN
 * inside TLS among themselves: controllers must let each other in before the metadata that hold SCRAM users
 * can be read.
 */
export function securityProperties({ credentials, certificates }: ClusterSecurity): JavaProperties {
  const broker = { name: BROKER_USER, password: credentials.brokerPassword }
  const admin = { name: ADMIN_USER, password: credentials.adminPassword }
  const client = `listener.name.${CLIENT_LISTENER.toLowerCase()}`
  const controller = `listener.name.${CONTROLLER_LISTENER.toLowerCase()}`
  return {
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-512',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    [`${controller}.sasl.enabled.mechanisms`]: 'PLAIN',
    [`${controller}.plain.sasl.jaas.config`]: plainServer(broker, [broker]),
    [`${client}.plain.sasl.jaas.config`]: plainServer(broker, [broker, admin]),
    [`${client}.scram-sha-512.sasl.jaas.config`]:
      'org.apache.kafka.common.security.scram.ScramLoginModule required;',
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': certificates.keystoreFile,
    'ssl.keystore.password': credentials.keystorePassword.reveal(),
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.caFile,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': `User:${ADMIN_USER};User:${BROKER_USER}`,
  }
}

/** The settings with which Kafka's own Java clients and tools reach the cluster as kmc's super user. */
export function clientProperties(
  bootstrap: readonly string[],
  security: ClusterSecurity | undefined,
): JavaProperties {
  const plain = { 'bootstrap.servers': bootstrap.join(',') }
  if (security === undefined) return plain
  const { credentials, certificates } = security
  const login = `username="${ADMIN_USER}" password="${credentials.adminPassword.reveal()}"`
  return {
    ...plain,
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'SCRAM-SHA-512',
    'sasl.jaas.config': `org.apache.kafka.common.security.scram.ScramLoginModule required ${login};`,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': certificates.caFile,
  }
}

/** The access of kmc's super user. */
export function clientAccess(
  bootstrap: readonly string[],
  security: ClusterSecurity | undefined,
): ClientAccess {
  if (security === undefined) return { bootstrap }
  const password = security.credentials.adminPassword
  return {
    bootstrap,
    tls: { ca: security.certificates.ca },
    sasl: { mechanism: 'SCRAM-SHA-512', username: ADMIN_USER, password },
  }
}

type User = { readonly name: string; readonly password: Secret }

/** A JAAS entry: who we are to others, and whom we let in. */
function plainServer(self: User, users: readonly User[]): string {
  const known = users.map(({ name, password }) => `user_${name}="${password.reveal()}"`).join(' ')
  const own = `username="${self.name}" password="${self.password.reveal()}"`
  return `org.apache.kafka.common.security.plain.PlainLoginModule required ${own} ${known};`
}
