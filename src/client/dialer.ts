import type { MetadataResponse } from '../wire/apis/003-metadata.ts'
import { type Address, formatAddress } from './address.ts'
import { bootstrap } from './bootstrap.ts'
import type { ClusterConfig } from './config.ts'
import { ClientError } from './errors.ts'
import type { FramePool } from './frame-pool.ts'
import { CONNECT_TIMEOUT_MS, REQUEST_TIMEOUT_MS } from './limits.ts'
import { checkClusterId, type OpenedBroker, openBroker } from './open-broker.ts'
import { prepareTls, type TlsSettings } from './tls.ts'

const CLIENT_ID = 'kmc'

/**
 * Opens connections as one cluster's configuration says, and holds them to one cluster id: the configured one, or
 * that of the first broker that answered.
 */
export class Dialer {
  readonly #config: ClusterConfig
  readonly #tls: TlsSettings | undefined
  readonly #framePool: FramePool | undefined
  #clusterId: string | null

  /** Throws TLS_CONFIG_INVALID. */
  constructor(config: ClusterConfig, framePool?: FramePool) {
    this.#config = config
    this.#framePool = framePool
    this.#clusterId = config.expectedClusterId ?? null
    this.#tls = config.tls === undefined ? undefined : prepareTls(config.tls)
  }

  /** Null before the first connection when none is configured. */
  get clusterId(): string | null {
    return this.#clusterId
  }

  /** Errors: those of `openBroker`. */
  async dial(address: Address, signal: AbortSignal): Promise<OpenedBroker> {
    const { sasl, clientId, connectTimeoutMs, requestTimeoutMs } = this.#config
    const opened = await openBroker(
      {
        address,
        tls: this.#tls,
        sasl,
        clientId: clientId ?? CLIENT_ID,
        connectTimeoutMs: connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
        requestTimeoutMs: requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
        signal,
        framePool: this.#framePool,
      },
      this.#clusterId,
    )
    return opened
  }

  /** The first bootstrap address to answer. Errors: those of `bootstrap`. */
  async dialAny(signal: AbortSignal): Promise<OpenedBroker> {
    const { name, bootstrap: addresses } = this.#config
    const opened = await bootstrap({
      name,
      addresses,
      open: (address, giveUp) => this.dial(address, AbortSignal.any([giveUp, signal])),
    })
    this.check(opened.metadata, opened.connection.address)
    return opened
  }

  /** Holds an answer to the cluster's id; the first one sets it. Throws CLUSTER_ID_CHANGED. */
  check(metadata: MetadataResponse, from: Address): void {
    const where = formatAddress(from)
    if (metadata.clusterId === null)
      throw new ClientError('NOT_KAFKA', `${where} does not say which cluster it is of.`)
    checkClusterId(metadata, this.#clusterId, where)
    this.#clusterId = metadata.clusterId
  }
}
