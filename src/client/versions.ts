import type { Address } from './address.ts'
import { formatAddress } from './address.ts'
import { ClientError } from './errors.ts'

export type VersionRange = { readonly min: number; readonly max: number }
/** What `pick` needs to know of an API; every `Api` of the wire has it. */
export type VersionedApi = { readonly key: number; readonly name: string; readonly versions: VersionRange }

type FeatureEntry = { readonly name: string; readonly maxVersionLevel: number }
type ApiVersionEntry = { readonly apiKey: number; readonly minVersion: number; readonly maxVersion: number }

/** What one broker serves, as it answered ApiVersions (KIP-35, KIP-511; features: KIP-584). */
export class BrokerVersions {
  readonly #ranges = new Map<number, VersionRange>()
  readonly #features = new Map<string, number>()
  readonly #address: Address

  constructor(address: Address, apis: readonly ApiVersionEntry[], features: readonly FeatureEntry[] = []) {
    this.#address = address
    for (const { apiKey, minVersion, maxVersion } of apis) {
      this.#ranges.set(apiKey, { min: minVersion, max: maxVersion })
    }
    for (const { name, maxVersionLevel } of features) this.#features.set(name, maxVersionLevel)
  }

  /** The highest version that both sides speak, at most `maxVersion`. Throws UNSUPPORTED_BY_BROKER. */
  pick(api: VersionedApi, maxVersion = api.versions.max): number {
    const range = this.#ranges.get(api.key)
    const version = Math.min(api.versions.max, maxVersion, range?.max ?? -1)
    if (range === undefined || version < Math.max(api.versions.min, range.min))
      throw this.#unsupported(api, maxVersion)
    return version
  }

  /** Throws UNSUPPORTED_BY_BROKER unless version `least` or a higher one would be picked. */
  require(api: VersionedApi, least: number): void {
    if (this.pick(api) < least)
      throw this.#unsupported({ ...api, versions: { ...api.versions, min: least } }, api.versions.max)
  }

  /** Whether `pick` would succeed with at least `version`. */
  supports(api: VersionedApi, version = api.versions.min): boolean {
    const range = this.#ranges.get(api.key)
    return range !== undefined && range.max >= version && range.min <= api.versions.max
  }

  /** The level that the whole cluster runs a feature at, e.g. `metadata.version`; 0 when it is not in use. */
  featureLevel(name: string): number {
    return this.#features.get(name) ?? 0
  }

  #unsupported(api: VersionedApi, maxVersion: number): ClientError {
    const range = this.#ranges.get(api.key)
    const here = formatAddress(this.#address)
    const spoken = `${api.versions.min} to ${Math.min(maxVersion, api.versions.max)}`
    const message =
      range === undefined
        ? `The broker at ${here} does not serve ${api.name}.`
        : `The broker at ${here} serves ${api.name} ${range.min} to ${range.max}; kmc speaks ${spoken} here.`
    const context = { address: here, api: api.name, apiKey: api.key, served: range ?? null }
    return new ClientError('UNSUPPORTED_BY_BROKER', message, { context })
  }
}
