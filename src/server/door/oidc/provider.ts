import { z } from 'zod'
import { serverError } from '../../errors.ts'
import { fetchJson } from './fetch-json.ts'
import type { ProviderKey } from './id-token.ts'

const DISCOVERY_VALID_MS = 3_600_000
/** A token may name a key that is newer than those known; a stream of such tokens asks the provider no oftener. */
const KEYS_AGAIN_MS = 60_000
const KEYS_MAX = 100

const discovery = z.object({
  issuer: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  jwks_uri: z.string(),
  userinfo_endpoint: z.string().optional(),
})
const keySet = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(KEYS_MAX) })
const keyParts = z.looseObject({
  kid: z.string().optional(),
  alg: z.string().optional(),
  use: z.string().optional(),
})

export type Endpoints = {
  readonly authorization: string
  readonly token: string
  readonly keys: string
  readonly userInfo: string | null
}

/** A provider of OpenID Connect: what it says of itself, and its keys. */
export class Provider {
  readonly #issuer: string
  readonly #now: () => number
  #endpoints: { readonly value: Promise<Endpoints>; readonly until: number } | null = null
  #keys: { readonly value: Promise<ProviderKey[]>; readonly askedAt: number } | null = null

  constructor(issuer: string, now: () => number) {
    this.#issuer = issuer
    this.#now = now
  }

  /** @throws OIDC_PROVIDER_UNAVAILABLE, OIDC_PROVIDER_WRONG */
  async endpoints(): Promise<Endpoints> {
    if (this.#endpoints === null || this.#now() >= this.#endpoints.until) {
      const value = this.#discover()
      this.#endpoints = { value, until: this.#now() + DISCOVERY_VALID_MS }
      value.catch(() => {
        this.#endpoints = null
      })
    }
    return await this.#endpoints.value
  }

  /** Its keys; asked for again where none has this id. */
  async keys(id: string | null): Promise<readonly ProviderKey[]> {
    const known = await this.#keys?.value.catch(() => null)
    if (known?.some(({ kid }) => id === null || kid === id)) return known
    if (this.#keys === null || this.#now() - this.#keys.askedAt >= KEYS_AGAIN_MS) {
      this.#keys = { value: this.#fetchKeys(), askedAt: this.#now() }
      this.#keys.value.catch(() => {
        this.#keys = null
      })
    }
    return await this.#keys.value
  }

  async #discover(): Promise<Endpoints> {
    const issuer = this.#issuer
    const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`
    const said = discovery.safeParse(await fetchJson('the OpenID Connect provider', url))
    if (!said.success) throw this.#wrong('what it says of itself is incomplete')
    if (said.data.issuer !== issuer) throw this.#wrong('it calls itself by another name')
    const { authorization_endpoint: authorization, token_endpoint: token, jwks_uri: keys } = said.data
    const userInfo = said.data.userinfo_endpoint ?? null
    for (const endpoint of [authorization, token, keys, userInfo]) {
      if (endpoint !== null && !this.#isAsSafe(endpoint))
        throw this.#wrong('one of its addresses is not https')
    }
    return { authorization, token, keys, userInfo }
  }

  async #fetchKeys(): Promise<ProviderKey[]> {
    const { keys } = await this.endpoints()
    const said = keySet.safeParse(await fetchJson("the provider's list of keys", keys))
    if (!said.success) throw this.#wrong('its list of keys is not one')
    return said.data.keys.flatMap((jwk) => {
      const parts = keyParts.safeParse(jwk)
      if (!parts.success || (parts.data.use ?? 'sig') !== 'sig') return []
      return [{ kid: parts.data.kid ?? null, alg: parts.data.alg ?? null, jwk }]
    })
  }

  /** https, or http on the very host of an issuer on this machine. */
  #isAsSafe(endpoint: string): boolean {
    if (!URL.canParse(endpoint)) return false
    const { protocol, hostname } = new URL(endpoint)
    const issuer = new URL(this.#issuer)
    return (
      protocol === 'https:' ||
      (issuer.protocol === 'http:' && protocol === 'http:' && hostname === issuer.hostname)
    )
  }

  #wrong(why: string): Error {
    return serverError('OIDC_PROVIDER_WRONG', `the provider ${this.#issuer} cannot be used: ${why}`)
  }
}
