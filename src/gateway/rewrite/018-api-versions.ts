import { encodeResponseFrame } from '../../wire/api.ts'
import { ApiVersions, type ApiVersionsResponse } from '../../wire/apis/018-api-versions.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import { servedApis } from './served.ts'

/** What one broker answers to ApiVersions. */
export type Spoken = Pick<ApiVersionsResponse, 'apiKeys' | 'supportedFeatures' | 'finalizedFeatures'>

type Range = { readonly apiKey: number; readonly minVersion: number; readonly maxVersion: number }

/** What clients are told that they may use: what every broker of every cluster and the gateway itself understand. */
export type Offer = Spoken & {
  /** Equal offers have equal texts: a connection negotiates once and lives through switches. */
  readonly fingerprint: string
}

/**
 * The highest epoch of features wins in a Java client, whichever broker it comes from, so all answers carry the same:
 * the least level of each feature that all clusters have.
 */
const FEATURES_EPOCH = 0

/** What all these brokers have in common; empty for no brokers. */
export function commonOffer(brokers: readonly Spoken[]): Offer {
  const apiKeys: Range[] = []
  for (const { key, min, max } of servedApis) {
    const ranges = brokers.map(({ apiKeys: served }) => served.find(({ apiKey }) => apiKey === key))
    if (ranges.includes(undefined) || ranges.length === 0) continue
    const minVersion = Math.max(min, ...ranges.map((range) => range!.minVersion))
    const maxVersion = Math.min(max, ...ranges.map((range) => range!.maxVersion))
    if (minVersion <= maxVersion) apiKeys.push({ apiKey: key, minVersion, maxVersion })
  }
  const common = {
    apiKeys,
    supportedFeatures: supportedByAll(brokers),
    finalizedFeatures: finalizedByAll(brokers),
  }
  return { ...common, fingerprint: JSON.stringify(common) }
}

function supportedByAll(brokers: readonly Spoken[]): Spoken['supportedFeatures'] {
  return (brokers[0]?.supportedFeatures ?? []).flatMap(({ name }) => {
    const all = brokers.map((one) => one.supportedFeatures.find((feature) => feature.name === name))
    if (all.includes(undefined)) return []
    const minVersion = Math.max(...all.map((feature) => feature!.minVersion))
    const maxVersion = Math.min(...all.map((feature) => feature!.maxVersion))
    return minVersion <= maxVersion ? [{ name, minVersion, maxVersion }] : []
  })
}

function finalizedByAll(brokers: readonly Spoken[]): Spoken['finalizedFeatures'] {
  return (brokers[0]?.finalizedFeatures ?? []).flatMap(({ name }) => {
    const all = brokers.map((one) => one.finalizedFeatures.find((feature) => feature.name === name))
    if (all.includes(undefined)) return []
    const maxVersionLevel = Math.min(...all.map((feature) => feature!.maxVersionLevel))
    const minVersionLevel = Math.min(...all.map((feature) => feature!.minVersionLevel))
    return [{ name, maxVersionLevel, minVersionLevel }]
  })
}

/**
 * The answer to a client that asks for versions. One that asks in a version nobody speaks is answered in version 0,
 * with the error and the range of this question itself (KIP-511).
 */
export function apiVersionsAnswer(offer: Offer, version: number, correlationId: number): Buffer[] {
  const own = offer.apiKeys.filter(({ apiKey }) => apiKey === ApiVersions.key)
  const isSpoken = own.some(({ minVersion, maxVersion }) => version >= minVersion && version <= maxVersion)
  if (!isSpoken) {
    const refusal = { errorCode: ErrorCode.UNSUPPORTED_VERSION, apiKeys: own }
    return encodeResponseFrame(ApiVersions, 0, correlationId, refusal)
  }
  const { apiKeys, supportedFeatures, finalizedFeatures } = offer
  const body = { apiKeys, supportedFeatures, finalizedFeatures, finalizedFeaturesEpoch: FEATURES_EPOCH }
  return encodeResponseFrame(ApiVersions, version, correlationId, body)
}
