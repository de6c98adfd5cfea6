import type { BaseOptions, SASLOptions } from '@platformatic/kafka'
import { KmcError } from '../../base/error.ts'
import type { ClusterConfig, SaslConfig, TlsConfig } from '../../client/config.ts'
import { cliError } from '../errors.ts'

/** The options of @platformatic/kafka for a cluster of ours: the library writes records and reads in groups. */
export function libraryOptions(config: ClusterConfig): BaseOptions {
  return {
    clientId: config.clientId ?? 'kmc',
    bootstrapBrokers: [...config.bootstrap],
    connectTimeout: config.connectTimeoutMs ?? 10_000,
    requestTimeout: config.requestTimeoutMs ?? 30_000,
    retries: 5,
    retryDelay: 250,
    ...(config.tls === undefined ? {} : { tls: tlsOptions(config.tls) }),
    ...(config.tls?.serverName === undefined ? {} : { tlsServerName: config.tls.serverName }),
    ...(config.sasl === undefined ? {} : { sasl: saslOptions(config.sasl) }),
  }
}

function tlsOptions(tls: TlsConfig): NonNullable<BaseOptions['tls']> {
  return {
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.certificate === undefined ? {} : { cert: tls.certificate }),
    ...(tls.key === undefined ? {} : { key: tls.key.reveal() }),
    ...(tls.keyPassword === undefined ? {} : { passphrase: tls.keyPassword.reveal() }),
    rejectUnauthorized: tls.verify !== false,
  }
}

function saslOptions(sasl: SaslConfig): SASLOptions {
  if (sasl.mechanism !== 'OAUTHBEARER') {
    return { mechanism: sasl.mechanism, username: sasl.username, password: sasl.password.reveal() }
  }
  const { token } = sasl
  return {
    mechanism: 'OAUTHBEARER',
    token: async () => (typeof token === 'function' ? await token() : token).reveal(),
  }
}

/** What the library's errors carry: a chain of causes and lists, and Kafka's name of the error at the end. */
type LibraryError = Error & {
  readonly code?: string
  readonly errors?: readonly LibraryError[]
  readonly cause?: LibraryError
  readonly apiId?: string
}

/**
 * An error of the library in our form. Its outermost text only says that something was tried several times; the
 * innermost one says why.
 */
export function fromLibrary(error: unknown, doing: string): KmcError {
  if (error instanceof KmcError) return error
  let inner = error as LibraryError
  while (inner?.errors?.[0] !== undefined || inner?.cause instanceof Error)
    inner = inner.errors?.[0] ?? inner.cause!
  const message = `${doing}: ${inner.message}`
  return cliError('LIBRARY_FAILED', message, {
    context: { name: inner.apiId ?? inner.code ?? null },
    cause: error,
  })
}
