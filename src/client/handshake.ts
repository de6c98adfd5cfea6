import type { Api, Input } from '../wire/api.ts'
import { decodeResponseFrame } from '../wire/api.ts'
import { SaslHandshake } from '../wire/apis/017-sasl-handshake.ts'
import { ApiVersions, type ApiVersionsResponse } from '../wire/apis/018-api-versions.ts'
import { SaslAuthenticate } from '../wire/apis/036-sasl-authenticate.ts'
import { ErrorCode } from '../wire/error-codes.ts'
import type { Address } from './address.ts'
import { formatAddress } from './address.ts'
import type { SaslConfig } from './config.ts'
import { KafkaError } from './errors.ts'
import { authenticate } from './sasl/authenticate.ts'
import { BrokerVersions } from './versions.ts'

/** Sends one request of the handshake past the line of ordinary ones. */
export type HandshakeCall = <Req, Res>(
  api: Api<Req, Res>,
  version: number,
  body: Input<Req>,
  decode?: (frame: Buffer) => Res,
) => Promise<Res>

const CLIENT_SOFTWARE = { clientSoftwareName: 'kafka-multi-cluster', clientSoftwareVersion: '0.1' }
const CORRELATION_ID_BYTES = 4

/**
 * Asks the broker what it serves. A broker that does not know our version of the question answers UNSUPPORTED_VERSION
 * in version 0, with its own range of the question inside (KIP-511); it is then asked again.
 */
export async function negotiate(call: HandshakeCall, address: Address): Promise<BrokerVersions> {
  const newest = ApiVersions.versions.max
  const first = await askVersions(call, newest)
  const answer =
    first.errorCode === ErrorCode.UNSUPPORTED_VERSION ? await askVersions(call, bestAfter(first)) : first
  if (answer.errorCode !== 0)
    throw new KafkaError(answer.errorCode, `ApiVersions at ${formatAddress(address)}`)
  return new BrokerVersions(address, answer.apiKeys, answer.finalizedFeatures)
}

/** Authenticates over the connection; see `authenticate` of sasl/. */
export async function authenticateOver(
  call: HandshakeCall,
  versions: BrokerVersions,
  config: SaslConfig,
  address: Address,
): Promise<{ readonly sessionLifetimeMs: number }> {
  const calls = {
    handshake: (mechanism: string) => call(SaslHandshake, versions.pick(SaslHandshake), { mechanism }),
    authenticate: (authBytes: Buffer) =>
      call(SaslAuthenticate, versions.pick(SaslAuthenticate), { authBytes }),
  }
  return authenticate(config, calls, formatAddress(address))
}

function askVersions(call: HandshakeCall, version: number): Promise<ApiVersionsResponse> {
  return call(ApiVersions, version, version >= 3 ? CLIENT_SOFTWARE : {}, (frame) => {
    const isFallback =
      frame.length >= CORRELATION_ID_BYTES + 2 &&
      frame.readInt16BE(CORRELATION_ID_BYTES) === ErrorCode.UNSUPPORTED_VERSION
    return decodeResponseFrame(ApiVersions, isFallback ? 0 : version, frame).body
  })
}

function bestAfter(answer: ApiVersionsResponse): number {
  const own = answer.apiKeys.find(({ apiKey }) => apiKey === ApiVersions.key)
  return own === undefined ? 0 : Math.max(0, Math.min(own.maxVersion, ApiVersions.versions.max))
}
