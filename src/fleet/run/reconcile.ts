import type { AppliedFleet } from '../file/applied.ts'
import type { LinkDeclaration, ManagedClusterDeclaration, RouteDeclaration } from '../file/fleet.ts'
import { canonicalText } from '../plan/canonical.ts'

/** What runs now: the declarations that clusters and link workers were started with. */
export type Running = {
  readonly clusters: ReadonlyMap<string, ManagedClusterDeclaration>
  readonly links: ReadonlyMap<string, LinkStart>
  readonly routes: ReadonlyMap<string, RouteStart>
}

/** What a worker was started with. When any of it changes, the worker needs to be started anew. */
export type LinkStart = { readonly declaration: LinkDeclaration; readonly ends: readonly [string, string] }

/** The same for a gateway. */
export type RouteStart = { readonly declaration: RouteDeclaration; readonly ends: readonly [string, string] }

/** What has to be done, in this order: what ends before what begins, clusters before links and routes. */
export type Reconciliation = {
  readonly stopRoutes: readonly string[]
  readonly stopLinks: readonly string[]
  readonly stopClusters: readonly string[]
  /** Stopped, then started with another declaration. */
  readonly restartClusters: readonly ManagedClusterDeclaration[]
  readonly startClusters: readonly ManagedClusterDeclaration[]
  readonly startLinks: readonly LinkDeclaration[]
  readonly startRoutes: readonly RouteDeclaration[]
}

/**
 * The difference between what runs and what was applied. Regions are labels: they restart nothing. A link whose
 * declaration or one of whose clusters changed is stopped and started again.
 */
export function reconciliation(running: Running, applied: AppliedFleet): Reconciliation {
  const declared = Object.values(applied.clusters).flatMap(({ declaration }) =>
    declaration.kind === 'managed' ? [declaration] : [],
  )
  const names = new Set(declared.map(({ name }) => name))
  const links = Object.values(applied.links)
  const staleLinks = [...running.links].filter(([name, start]) => {
    const now = applied.links[name]
    return now === undefined || !isSame(start, linkStart(now, applied))
  })
  const stopping = new Set(staleLinks.map(([name]) => name))
  const routes = applied.routes ?? {}
  const staleRoutes = [...running.routes].flatMap(([name, start]) => {
    const now = Object.hasOwn(routes, name) ? routes[name] : undefined
    return now !== undefined && isSame(start, routeStart(now, applied)) ? [] : [name]
  })
  return {
    stopRoutes: staleRoutes,
    startRoutes: Object.values(routes).filter(
      ({ name }) => !running.routes.has(name) || staleRoutes.includes(name),
    ),
    stopLinks: [...stopping],
    stopClusters: [...running.clusters.keys()].filter((name) => !names.has(name)),
    restartClusters: declared.filter((cluster) => {
      const before = running.clusters.get(cluster.name)
      return before !== undefined && !isSame(unlabelled(before), unlabelled(cluster))
    }),
    startClusters: declared.filter(({ name }) => !running.clusters.has(name)),
    startLinks: links.filter(({ name }) => !running.links.has(name) || stopping.has(name)),
  }
}

/** What a worker of this link is started with, as far as the applied fleet tells. */
export function linkStart(declaration: LinkDeclaration, applied: AppliedFleet): LinkStart {
  return { declaration, ends: [endOf(declaration.from, applied), endOf(declaration.to, applied)] }
}

/** What a gateway of this route is started with. */
export function routeStart(declaration: RouteDeclaration, applied: AppliedFleet): RouteStart {
  return { declaration, ends: [endOf(declaration.primary, applied), endOf(declaration.standby, applied)] }
}

function endOf(name: string, applied: AppliedFleet): string {
  const cluster = applied.clusters[name]?.declaration
  return cluster === undefined ? '' : canonicalText(unlabelled(cluster))
}

function unlabelled<T extends { readonly region: string | null }>(cluster: T): T {
  return { ...cluster, region: null }
}

function isSame(a: unknown, b: unknown): boolean {
  return canonicalText(a) === canonicalText(b)
}
