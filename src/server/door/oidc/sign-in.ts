import { createHash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { digestOf } from '../../../base/same-text.ts'
import type { Secret } from '../../../base/secret.ts'
import type { OidcDeclaration } from '../../../fleet/file/server-schema.ts'
import { serverError } from '../../errors.ts'
import { fetchJson } from './fetch-json.ts'
import { type Claims, keyIdOf, verifiedClaims } from './id-token.ts'
import { Provider } from './provider.ts'

export type OidcOptions = {
  readonly declared: OidcDeclaration
  readonly clientSecret: Secret | null
  /** Where the provider sends browsers back to. */
  readonly redirectUri: () => string
  readonly now: () => number
}

/** Who signed in, in the words of `members` in the fleet file. */
export type Person = { readonly name: string; readonly memberships: readonly string[] }

export const PENDING_MS = 10 * 60_000
const PENDING_MAX = 1_000
const GROUPS_MAX = 1_000
const NAME_CHARACTERS_MAX = 255

type Pending = {
  readonly browser: string
  readonly verifier: string
  readonly nonce: string
  readonly until: number
}

const tokens = z.object({ id_token: z.string(), access_token: z.string().max(16_384).optional() })
const userInfo = z.looseObject({ sub: z.string() })

/** Sign-in by OpenID Connect: authorization code with PKCE (RFC 7636), state and nonce, bound to one browser. */
export class OidcSignIn {
  readonly #options: OidcOptions
  readonly #provider: Provider
  /** By state, in the order of beginning. */
  readonly #pending = new Map<string, Pending>()

  constructor(options: OidcOptions) {
    this.#options = options
    this.#provider = new Provider(options.declared.issuer, options.now)
  }

  /** Where to send a browser, and what it keeps meanwhile. @throws as `Provider.endpoints` */
  async begin(): Promise<{ readonly url: string; readonly browser: string }> {
    const { declared, redirectUri, now } = this.#options
    const { authorization } = await this.#provider.endpoints()
    const [state, browser, verifier, nonce] = [random(), random(), random(), random()]
    this.#pending.set(state, { browser: keyOf(browser), verifier, nonce, until: now() + PENDING_MS })
    const [oldest] = this.#pending.keys()
    if (this.#pending.size > PENDING_MAX) this.#pending.delete(oldest!)
    const url = new URL(authorization)
    const asked = {
      response_type: 'code',
      client_id: declared.clientId,
      redirect_uri: redirectUri(),
      scope: [...new Set(['openid', ...declared.scopes])].join(' '),
      ...{ state, nonce },
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, value)
    return { url: url.href, browser }
  }

  /**
   * Who came back from the provider.
   * @throws OIDC_REFUSED, OIDC_TOKEN_INVALID, OIDC_PROVIDER_UNAVAILABLE, OIDC_PROVIDER_WRONG
   */
  async finish(
    back: { readonly state: string; readonly code: string },
    browser: string | null,
  ): Promise<Person> {
    const { declared, now } = this.#options
    const pending = this.#pending.get(back.state)
    this.#pending.delete(back.state)
    if (
      pending === undefined ||
      now() >= pending.until ||
      browser === null ||
      keyOf(browser) !== pending.browser
    ) {
      throw serverError('OIDC_REFUSED', 'this browser has not asked to sign in, or too long ago')
    }
    const given = await this.#redeem(back.code, pending.verifier)
    const keys = await this.#provider.keys(keyIdOf(given.id_token))
    const { issuer, clientId } = declared
    const expected = { issuer, clientId, nonce: pending.nonce, nowMs: now() }
    const claims = verifiedClaims(given.id_token, keys, expected)
    return personOf(await this.#completed(claims, given.access_token), declared)
  }

  /** Some providers tell of groups and mail only where the token of a person is shown, and not in the ID token. */
  async #completed(claims: Claims, accessToken: string | undefined): Promise<Claims> {
    const { nameClaim, groupsClaim } = this.#options.declared
    const isWhole = claims[nameClaim] !== undefined && claims[groupsClaim] !== undefined
    const { userInfo: url } = await this.#provider.endpoints()
    if (isWhole || url === null || accessToken === undefined) return claims
    const headers = { authorization: `Bearer ${accessToken}` }
    const said = userInfo.safeParse(await fetchJson("the provider's account of a person", url, { headers }))
    if (!said.success || said.data.sub !== claims.sub) {
      throw serverError('OIDC_TOKEN_INVALID', 'the provider told of another person than it had signed for')
    }
    return { ...said.data, ...claims }
  }

  async #redeem(code: string, verifier: string) {
    const { declared, clientSecret, redirectUri } = this.#options
    const { token } = await this.#provider.endpoints()
    const body = new URLSearchParams({
      ...{ grant_type: 'authorization_code', code, redirect_uri: redirectUri() },
      ...{ client_id: declared.clientId, code_verifier: verifier },
    })
    const headers = clientSecret === null ? {} : { authorization: basic(declared.clientId, clientSecret) }
    const answer = await fetchJson('the token endpoint of the provider', token, {
      method: 'POST',
      body,
      headers,
    })
    const said = tokens.safeParse(answer)
    if (!said.success) throw serverError('OIDC_TOKEN_INVALID', 'the provider gave no ID token')
    return said.data
  }
}

/** RFC 6749, section 2.3.1: both halves are form-encoded first. */
function basic(clientId: string, secret: Secret): string {
  const form = (text: string) => new URLSearchParams({ _: text }).toString().slice(2)
  return `Basic ${Buffer.from(`${form(clientId)}:${form(secret.reveal())}`).toString('base64')}`
}

/** An address of mail that the provider does not call verified names nobody: some let users write what they like. */
function personOf(claims: Claims, { nameClaim, groupsClaim }: OidcDeclaration): Person {
  const trusted = nameClaim !== 'email' || claims.email_verified === true
  const given = trusted ? claims[nameClaim] : undefined
  const name = typeof given === 'string' && given !== '' && given.length <= NAME_CHARACTERS_MAX ? given : null
  const groups = [claims[groupsClaim]]
    .flat()
    .filter((group) => typeof group === 'string')
    .slice(0, GROUPS_MAX)
  const memberships = groups.map((group) => `group:${group}`)
  if (name === null)
    return { name: `subject ${String(claims.sub).slice(0, NAME_CHARACTERS_MAX)}`, memberships }
  return { name: `user ${name}`, memberships: [`user:${name}`, ...memberships] }
}

function random(): string {
  return randomBytes(32).toString('base64url')
}

function keyOf(browser: string): string {
  return digestOf(browser).toString('base64')
}
