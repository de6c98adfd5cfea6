import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { TestContext } from 'node:test'

/** Somebody with an account. */
export type Account = {
  readonly email: string
  readonly verified: boolean
  readonly groups: readonly string[]
}

export type OidcClient = { readonly id: string; readonly secret: string; readonly redirectUri: string }

/** As much of the package as is used here; it comes without types. */
type Package = {
  readonly Provider: new (issuer: string, configuration: object) => { callback(): RequestListener }
}

/** A provider of OpenID Connect on this machine (`oidc-provider`, which is certified), with pages of its own. */
export async function startOidcProvider(
  t: TestContext,
  accounts: Readonly<Record<string, Account>>,
): Promise<{ readonly issuer: string; serve(client: OidcClient): void }> {
  const { Provider } = (await import('oidc-provider' as string)) as Package
  const server: Server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const serve = ({ id, secret, redirectUri }: OidcClient): void => {
    const provider = new Provider(issuer, {
      clients: [{ client_id: id, client_secret: secret, redirect_uris: [redirectUri] }],
      claims: { openid: ['sub'], email: ['email', 'email_verified'], groups: ['groups'] },
      scopes: ['openid', 'groups'],
      pkce: { required: () => true },
      findAccount: (_context: unknown, sub: string) => ({
        accountId: sub,
        claims: () => claimsOf(sub, accounts),
      }),
    })
    server.on('request', provider.callback())
  }
  return { issuer, serve }
}

function claimsOf(sub: string, accounts: Readonly<Record<string, Account>>) {
  const { email, verified, groups } = accounts[sub]!
  return { sub, email, email_verified: verified, groups }
}

/**
 * A browser as far as signing in takes one: it keeps cookies by host and follows where it is led, until `until` says of
 * an address that it is the last.
 */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>()

  async get(url: string): Promise<Response> {
    return await this.#send(url, {})
  }

  /** Fills in the form of a page and goes on from there. */
  async submit(url: string, fields: Readonly<Record<string, string>>): Promise<Response> {
    return await this.#send(url, { method: 'POST', body: new URLSearchParams(fields) })
  }

  cookies(url: string): string {
    const jar = this.#cookies.get(new URL(url).origin) ?? new Map<string, string>()
    return [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    const { origin } = new URL(url)
    const response = await fetch(url, { ...init, redirect: 'manual', headers: { cookie: this.cookies(url) } })
    const jar = this.#cookies.get(origin) ?? new Map<string, string>()
    for (const line of response.headers.getSetCookie()) {
      const [name, value] = line.split(';')[0]!.split(/=(.*)/s) as [string, string]
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    this.#cookies.set(origin, jar)
    return response
  }
}

/** Leads a browser through the provider's pages as `login`, and gives the address that it is sent back to. */
export async function signInAtProvider(browser: Browser, start: string, login: string): Promise<string> {
  let url = start
  for (let step = 0; step < 20; step++) {
    const page = await browser.get(url)
    const next = page.headers.get('location')
    if (next !== null) {
      url = new URL(next, url).href
      if (url.includes('/api/oidc/callback?')) return url
      continue
    }
    const prompt = /name="prompt" value="(\w+)"/.exec(await page.text())?.[1]
    const fields = prompt === 'login' ? { prompt, login, password: 'any' } : { prompt: prompt ?? 'none' }
    const sent = await browser.submit(url, fields)
    url = new URL(sent.headers.get('location')!, url).href
  }
  throw new Error('the provider leads on and on')
}
