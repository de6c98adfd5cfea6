import type { ClusterConfig, SaslConfig } from '../../client/config.ts'
import type { Outcome } from '../../client/outcome.ts'
import type { RouteDeclaration } from './fleet.ts'
import type { RouteSecrets } from './route-access.ts'

/** How a client of kmc's own enters a route, in every way that may be right; or why it cannot. */
export type RouteFront =
  | { readonly ways: readonly ClusterConfig[]; readonly why: null }
  | { readonly ways: null; readonly why: string }

/**
 * Where logins are passed through, kmc signs in as it does at the clusters; where they end at the route, as one of its
 * users, best one that is no other's name at the clusters.
 */
export function routeFront(
  route: RouteDeclaration,
  secrets: RouteSecrets,
  clusters: readonly (Outcome<ClusterConfig> | undefined)[],
): RouteFront {
  const { name, advertised, port, tls } = route
  if (tls?.clientCa) return { ways: null, why: 'it asks clients for a certificate, and kmc has none for it' }
  const certificate = secrets.get('tls.certificate')?.reveal()
  const way = {
    ...{ name: `route ${name}`, bootstrap: [`${advertised}:${port}`] },
    ...(certificate !== undefined && { tls: { ca: certificate, trustsLeaf: true } }),
  }
  const logins = route.sasl === null ? passedThrough(clusters) : [ended(route, secrets)]
  return { ways: logins.map((sasl) => ({ ...way, ...(sasl !== undefined && { sasl }) })), why: null }
}

function passedThrough(
  clusters: readonly (Outcome<ClusterConfig> | undefined)[],
): (SaslConfig | undefined)[] {
  const reached = clusters.flatMap((one) => (one?.ok ? [one.value.sasl] : []))
  return reached.length === 0 ? [undefined] : reached
}

function ended({ sasl }: RouteDeclaration, secrets: RouteSecrets): SaslConfig {
  const users = Object.entries(sasl!.users)
  const [username] = users.find(([, { as }]) => as === null) ?? users[0]!
  const password = secrets.get(`sasl.users.${username}.password`)!
  return { mechanism: sasl!.mechanisms[0]!, username, password }
}
