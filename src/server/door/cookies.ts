const COOKIES_CHARACTERS_MAX = 16 * 1024

/** One cookie of a request; null when it is not there. */
export function cookieIn(header: string | undefined, name: string): string | null {
  if (header === undefined || header.length > COOKIES_CHARACTERS_MAX) return null
  for (const part of header.split(';')) {
    const [key, value] = part.trim().split('=', 2) as [string, string | undefined]
    if (key === name && value !== undefined && /^[\w-]{1,256}$/.test(value)) return value
  }
  return null
}

/**
 * Under TLS `__Host-` binds a cookie to this host alone. Cookies know no ports, so the name holds it: two fleets on one
 * machine must not sign each other out.
 */
export function cookieName(word: 'session' | 'sign-in', { isTls, port }: CookiePlace): string {
  return `${isTls ? '__Host-' : ''}kmc-${word}-${port}`
}

export type CookiePlace = { readonly isTls: boolean; readonly port: number }

type CookieParts = {
  readonly name: string
  readonly value: string
  readonly maxAgeMs: number
  /** Strict: only pages of this server make a browser send it. Lax: also a link that leads here. */
  readonly sameSite: 'Strict' | 'Lax'
  readonly isTls: boolean
}

/** A Set-Cookie header; no script can read the cookie. */
export function setCookie({ name, value, maxAgeMs, sameSite, isTls }: CookieParts): string {
  const secure = isTls ? '; Secure' : ''
  return `${name}=${value}; Path=/; Max-Age=${Math.floor(maxAgeMs / 1_000)}; HttpOnly; SameSite=${sameSite}${secure}`
}
