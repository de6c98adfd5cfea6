import type { Secret } from '../../base/secret.ts'
import type { ClusterConfig } from '../../client/config.ts'
import type { GatewaySpec } from '../../failover/process/spawn.ts'
import type { RouteSasl, RouteTls, RouteUser } from '../../gateway/spec.ts'
import { fleetError } from '../errors.ts'
import type { RouteDeclaration } from './fleet.ts'
import { type ReferenceSource, resolveReference, routeReferences } from './references.ts'
import { pathText } from './tree.ts'

/** Secrets of a route by the path of their key below the route, such as `tls.key`. */
export type RouteSecrets = ReadonlyMap<string, Secret>

/** Certificates, keys and passwords of a route, looked up now. @throws SECRET_UNAVAILABLE */
export async function routeSecrets(route: RouteDeclaration, source: ReferenceSource): Promise<RouteSecrets> {
  const found = new Map<string, Secret>()
  for (const { path, reference, kind } of routeReferences(route)) {
    const resolved = await resolveReference(reference, kind, source)
    if (!resolved.ok) {
      throw fleetError('SECRET_UNAVAILABLE', `${pathText(path)}: ${resolved.reason}`, {
        context: { route: route.name, path: pathText(path) },
      })
    }
    found.set(path.slice(2).join('.'), resolved.secret)
  }
  return found
}

/** What a gateway of the route is started with. `id`: whoever takes its place has the same. */
export function gatewaySpec(
  route: RouteDeclaration,
  id: string,
  clusters: { readonly primary: ClusterConfig; readonly standby: ClusterConfig },
  secrets: RouteSecrets,
): GatewaySpec {
  const { name, listen: host, port, slots, advertised, primary, standby, standbyLost, limits } = route
  const tls = routeTls(route, secrets)
  return {
    route: {
      name,
      listen: { host, port, slots },
      advertisedHost: advertised,
      ...(tls !== null && { tls }),
      sasl: routeSasl(route, secrets),
      clusters: [
        { name: primary, config: clusters.primary },
        { name: standby, config: clusters.standby },
      ],
      limits: withoutGaps(limits),
    },
    keeper: { route: name, id, primary, standby, standbyLost },
  }
}

function routeTls({ tls }: RouteDeclaration, secrets: RouteSecrets): RouteTls | null {
  if (tls === null) return null
  const keyPassword = secrets.get('tls.keyPassword')
  const clientCa = secrets.get('tls.clientCa')?.reveal()
  return {
    certificate: secrets.get('tls.certificate')!.reveal(),
    key: secrets.get('tls.key')!,
    ...(keyPassword && { keyPassword }),
    ...(clientCa !== undefined && { clientCa }),
  }
}

function routeSasl({ sasl, primary, standby }: RouteDeclaration, secrets: RouteSecrets): RouteSasl {
  if (sasl === null) return { mode: 'passed-through' }
  const users = Object.entries(sasl.users).map(([name, { as }]): RouteUser => {
    const at = `sasl.users.${name}`
    const password = secrets.get(`${at}.password`)!
    if (as === null) return { name, password }
    const { mechanism, username } = as
    const there = { mechanism, username, password: secrets.get(`${at}.as.password`)! }
    return { name, password, upstream: { [primary]: there, [standby]: there } }
  })
  return { mode: 'ended-here', mechanisms: sasl.mechanisms, users }
}

function withoutGaps<T extends object>(limits: T): { [K in keyof T]-?: Exclude<T[K], undefined> } {
  const entries = Object.entries(limits).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as { [K in keyof T]-?: Exclude<T[K], undefined> }
}
