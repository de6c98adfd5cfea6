import { Metadata, type MetadataResponse } from '../wire/apis/003-metadata.ts'
import { SaslHandshake } from '../wire/apis/017-sasl-handshake.ts'
import { formatAddress } from './address.ts'
import { Connection, type ConnectionOptions } from './connection.ts'
import { ClientError, isClientError } from './errors.ts'
import { outcomeOf } from './outcome.ts'

/** An open connection, and the brokers that its broker knows of. */
export type OpenedBroker = { readonly connection: Connection; readonly metadata: MetadataResponse }

/**
 * Opens a connection and asks the broker which cluster it belongs to before anything else is sent. Errors: those of
 * `Connection.open`, CLUSTER_ID_CHANGED.
 */
export async function openBroker(
  options: ConnectionOptions,
  expectedId: string | null,
): Promise<OpenedBroker> {
  const connection = await Connection.open(options)
  try {
    const metadata = await firstMetadata(connection, options)
    checkClusterId(metadata, expectedId, formatAddress(options.address))
    return { connection, metadata }
  } catch (error) {
    connection.close()
    throw error
  }
}

/** Throws CLUSTER_ID_CHANGED when an answer comes from another cluster than expected. */
export function checkClusterId(metadata: MetadataResponse, expectedId: string | null, where: string): void {
  const { clusterId } = metadata
  if (expectedId === null || clusterId === expectedId) return
  throw new ClientError(
    'CLUSTER_ID_CHANGED',
    `${where} belongs to cluster ${clusterId}, not to ${expectedId}.`,
    {
      context: { address: where, expected: expectedId, found: clusterId },
    },
  )
}

async function firstMetadata(connection: Connection, options: ConnectionOptions): Promise<MetadataResponse> {
  const { signal, connectTimeoutMs: timeoutMs } = options
  const body = { topics: [], allowAutoTopicCreation: false }
  try {
    return await connection.send(Metadata, body, { timeoutMs, signal })
  } catch (error) {
    // A listener that wants SASL answers ApiVersions and hangs up on everything else.
    if (options.sasl !== undefined || !isClientError(error, 'CONNECTION_LOST')) throw error
    throw (await wantsSasl(options)) ?? error
  }
}

/** The error of a listener that takes nobody without SASL; null when it is no such listener. */
async function wantsSasl(options: ConnectionOptions): Promise<ClientError | null> {
  const connection = await outcomeOf(Connection.open(options))
  if (!connection.ok) return null
  const answer = await outcomeOf(connection.value.send(SaslHandshake, { mechanism: '' }))
  connection.value.close()
  if (!answer.ok || answer.value.mechanisms.length === 0) return null
  const where = formatAddress(options.address)
  const mechanisms = answer.value.mechanisms.join(', ')
  const message = `${where} wants SASL (${mechanisms}), and no \`sasl\` is configured.`
  return new ClientError('AUTHENTICATION_FAILED', message, {
    remedy: 'Configure `sasl` with one of these mechanisms.',
    context: { address: where, mechanisms: answer.value.mechanisms },
  })
}
