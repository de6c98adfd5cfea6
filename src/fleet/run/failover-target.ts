import { KmcError } from '../../base/error.ts'
import type { LastSeen } from '../../failover/plan/facts.ts'
import { lastSeenOf } from '../../failover/plan/last-seen.ts'
import type { PlanTarget } from '../../failover/plan/read/facts.ts'
import type { CourseTarget, RouteEntry } from '../../failover/run/run-course.ts'
import { turned } from '../../link/turn/direction.ts'
import { linkSpec } from '../file/access.ts'
import type { LinkDeclaration, LoadedFleet, RouteDeclaration } from '../file/fleet.ts'
import { knownRoute } from '../file/known-route.ts'
import { routeSecrets } from '../file/route-access.ts'
import { routeFront } from '../file/route-front.ts'
import type { FleetStatus } from './fleet-status.ts'
import { resolveClusters } from './resolve-clusters.ts'

/** What a failover is planned with, and how a client of kmc's own enters the route. */
export type FailoverTarget = PlanTarget & CourseTarget

export type FailoverTargetOptions = {
  /** What a supervisor on this machine says, as far as it answers: what workers have seen last. */
  readonly status: Promise<FleetStatus | null>
  readonly signal: AbortSignal
}

/** Everything that a plan for a route is made from. @throws ROUTE_UNKNOWN */
export async function failoverTarget(
  loaded: LoadedFleet,
  name: string,
  { status, signal }: FailoverTargetOptions,
): Promise<FailoverTarget> {
  const route = knownRoute(loaded.fleet, name)
  const seen = status.then(seenLast)
  const access = await resolveClusters(loaded)
  return {
    route,
    access,
    linkBetween: (from, to) => {
      const links = Object.values(loaded.fleet.links)
      const joins = (a: string, b: string) =>
        links.find((link) => link.from === a && link.to === b && link.prefix === '')
      const [there, back] = [joins(from, to), joins(to, from)]
      if (there !== undefined) return specOf(there, access)
      // A link is declared in one direction, and turned round by a failover.
      return back === undefined ? null : turned(specOf(back, access))
    },
    front: () => frontOf(loaded, route, access),
    lastSeen: async (link) => (await seen).get(link) ?? null,
    signal,
  }
}

/** A secret that cannot be had keeps nobody from moving the route. */
async function frontOf(
  { directory }: LoadedFleet,
  route: RouteDeclaration,
  access: PlanTarget['access'],
): Promise<RouteEntry> {
  try {
    const secrets = await routeSecrets(route, { directory, env: process.env })
    return routeFront(route, secrets, [access.get(route.primary), access.get(route.standby)])
  } catch (error) {
    if (error instanceof KmcError) return { ways: null, why: error.message }
    throw error
  }
}

/** A cluster that cannot be reached needs no address here: a plan takes only names and patterns from the link. */
function specOf(link: LinkDeclaration, access: PlanTarget['access']) {
  const [from, to] = [link.from, link.to].map((name) => {
    const config = access.get(name)
    return config?.ok ? config.value : { name, bootstrap: [] }
  })
  return linkSpec(link, from!, to!)
}

function seenLast(status: FleetStatus | null): Map<string, LastSeen> {
  const links = status?.links ?? []
  return new Map(links.map(({ name, mirrors, groups }) => [name, lastSeenOf(name, mirrors, groups)]))
}
