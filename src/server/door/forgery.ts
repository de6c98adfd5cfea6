import { serverError } from '../errors.ts'
import type { Proof } from './proof.ts'

const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i

/**
 * Refuses changes that a page of somebody else's may have made a browser send: it sends the cookie of a session by
 * itself. A browser says where a request comes from; an older one says at least the origin; and a form, which needs no
 * leave to send elsewhere, cannot send JSON. @throws FORGERY_SUSPECTED
 */
export function refuseForgery({ method, host, origin, fetchSite, contentType }: Proof): void {
  if (method === 'GET') return
  const isOwn =
    fetchSite === undefined ? isOriginOf(origin, host) : ['same-origin', 'none'].includes(fetchSite)
  if (!isOwn) throw serverError('FORGERY_SUSPECTED', 'the request does not come from a page of this server')
  if (contentType !== undefined && !JSON_TYPE.test(contentType)) {
    throw serverError('FORGERY_SUSPECTED', 'with a session, only JSON is taken')
  }
}

function isOriginOf(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false
  return new URL(origin).host === host.toLowerCase()
}
