import type { ClusterDeclaration, RouteDeclaration } from './fleet.ts'
import type { RouteKeys } from './route-schema.ts'

/** As many brokers as most clusters have; those that run elsewhere are not asked while a file is read. */
const SLOTS_ELSEWHERE = 3

/** A route with its defaults. */
export function routeOf(
  name: string,
  keys: RouteKeys,
  clusters: Readonly<Record<string, ClusterDeclaration>>,
): RouteDeclaration {
  const { port, primary, standby, listen, tls, sasl, limits, standbyLost } = keys
  const users = Object.entries(sasl?.users ?? {}).map(([user, { password, as = null }]) => {
    return [user, { password, as }] as const
  })
  return {
    ...{ name, port, primary, standby, listen, limits, standbyLost },
    slots: keys.slots ?? slotsOf([primary, standby], clusters),
    advertised: keys.advertised ?? listen,
    tls:
      tls === undefined
        ? null
        : { ...tls, keyPassword: tls.keyPassword ?? null, clientCa: tls.clientCa ?? null },
    sasl: sasl === undefined ? null : { mechanisms: sasl.mechanisms, users: Object.fromEntries(users) },
  }
}

/** A slot for each broker of the larger cluster. */
export function slotsOf(
  names: readonly string[],
  clusters: Readonly<Record<string, ClusterDeclaration>>,
): number {
  const counts = names.map((name) => {
    const cluster = Object.hasOwn(clusters, name) ? clusters[name] : undefined
    if (cluster === undefined) return 1
    return cluster.kind === 'managed' ? cluster.brokers : SLOTS_ELSEWHERE
  })
  return Math.max(...counts)
}
