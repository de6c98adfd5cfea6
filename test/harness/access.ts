import type { ClusterConfig } from '../../src/client/config.ts'

/** How to reach a cluster, in a form from which every client's own settings can be made. */
export type Access = {
  readonly name: string
  readonly bootstrap: readonly string[]
  /** With both the cluster speaks SASL_SSL, with neither PLAINTEXT. */
  readonly caFile?: string
  readonly user?: User
  /** Key and certificate of the client, PEM in one file, for mutual TLS. */
  readonly pemFile?: string
}

export type User = {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512'
  readonly username: string
  readonly password: string
}

/** The access of a product's configuration; `caFile` is where the certificate stands that `tls.ca` holds. */
export function accessOf(config: ClusterConfig, caFile?: string): Access {
  const { name, bootstrap, sasl } = config
  if (sasl === undefined || sasl.mechanism === 'OAUTHBEARER') return { name, bootstrap }
  const { mechanism, username, password } = sasl
  const user = { mechanism, username, password: password.reveal() }
  return { name, bootstrap, user, ...(caFile === undefined ? {} : { caFile }) }
}

/** Settings of Kafka's own Java clients. */
export function javaConfig({ bootstrap, caFile, user, pemFile }: Access): Record<string, string> {
  const plain = { 'bootstrap.servers': bootstrap.join(',') }
  if (user === undefined || caFile === undefined) return plain
  const login = user.mechanism === 'PLAIN' ? 'plain.Plain' : 'scram.Scram'
  const module = `org.apache.kafka.common.security.${login}LoginModule`
  return {
    ...plain,
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': user.mechanism,
    'sasl.jaas.config': `${module} required username="${user.username}" password="${user.password}";`,
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': caFile,
    ...(pemFile === undefined ? {} : { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': pemFile }),
  }
}

/** Options of kcat, which are librdkafka's settings. */
export function kcatOptions({ bootstrap, caFile, user }: Access): string[] {
  const plain = ['-b', bootstrap.join(',')]
  if (user === undefined || caFile === undefined) return plain
  const settings = {
    'security.protocol': 'SASL_SSL',
    'sasl.mechanisms': user.mechanism,
    'sasl.username': user.username,
    'sasl.password': user.password,
    'ssl.ca.location': caFile,
  }
  return [...plain, ...Object.entries(settings).flatMap(([name, value]) => ['-X', `${name}=${value}`])]
}
