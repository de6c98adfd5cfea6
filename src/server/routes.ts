import { serverError } from './errors.ts'

/** What can be asked of a running supervisor. */
export type ControlCall =
  | { readonly kind: 'status' }
  | { readonly kind: 'stop' }
  | { readonly kind: 'reconcile' }
  | { readonly kind: 'sign-in-link' }
  | { readonly kind: 'cluster'; readonly name: string; readonly action: ClusterAction }

export type ClusterAction = 'start' | 'stop' | 'restart'

const clusterRoute = /^\/api\/clusters\/([^/]{1,200})\/(start|stop|restart)$/

/** The call that a method and a path stand for; throws CONTROL_UNKNOWN or CONTROL_BAD_REQUEST. */
export function route(method: string, path: string): ControlCall {
  if (method === 'GET' && path === '/api/status') return { kind: 'status' }
  if (method === 'POST' && path === '/api/stop') return { kind: 'stop' }
  if (method === 'POST' && path === '/api/reconcile') return { kind: 'reconcile' }
  if (method === 'POST' && path === '/api/sign-in-link') return { kind: 'sign-in-link' }
  const match = method === 'POST' ? clusterRoute.exec(path) : null
  if (match === null) throw serverError('CONTROL_UNKNOWN', 'the control endpoint has no such route')
  return { kind: 'cluster', name: decoded(match[1]!), action: match[2] as ClusterAction }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw serverError('CONTROL_BAD_REQUEST', 'the cluster name in the path is not well encoded', { cause })
  }
}

/** The method and path of a call: the inverse of `route`. */
export function requestOf(call: ControlCall): { readonly method: 'GET' | 'POST'; readonly path: string } {
  switch (call.kind) {
    case 'status':
      return { method: 'GET', path: '/api/status' }
    case 'stop':
    case 'reconcile':
    case 'sign-in-link':
      return { method: 'POST', path: `/api/${call.kind}` }
    case 'cluster':
      return { method: 'POST', path: `/api/clusters/${encodeURIComponent(call.name)}/${call.action}` }
  }
}
