import { KmcError } from '../../base/error.ts'
import { within } from '../../client/deadline.ts'
import { failoverError } from '../../failover/errors.ts'
import type { LastSeen } from '../../failover/plan/facts.ts'
import { lastSeenOf } from '../../failover/plan/last-seen.ts'
import type { PlanTarget } from '../../failover/plan/read/facts.ts'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { linkSpec } from '../../fleet/file/access.ts'
import type { LinkDeclaration, LoadedFleet, RouteDeclaration } from '../../fleet/file/fleet.ts'
import { routeSecrets } from '../../fleet/file/route-access.ts'
import { type RouteFront, routeFront } from '../../fleet/file/route-front.ts'
import { nearest } from '../../fleet/file/suggest.ts'
import { entryOf } from '../../fleet/plan/observed.ts'
import { resolveClusters } from '../../fleet/run/resolve-clusters.ts'
import { turned } from '../../link/turn/direction.ts'
import { supervisorStatus } from '../../server/fleet-status.ts'
import type { CommandContext } from '../command.ts'

/** The supervisor is on this machine; a plan does not wait longer for it than for a cluster. */
const SUPERVISOR_MS = 3_000

/** What a failover is planned with, and how a client of kmc's own enters the route. */
export type FailoverTarget = PlanTarget & { readonly front: () => Promise<RouteFront> }

/** Everything that a plan for a route is made from. @throws ROUTE_UNKNOWN */
export async function planTarget(
  { fleetPath, signal }: CommandContext,
  name: string,
): Promise<FailoverTarget> {
  const loaded = await openFleet(fleetPath)
  const route = knownRoute(loaded, name)
  const seen = seenBySupervisor(loaded)
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
): Promise<RouteFront> {
  try {
    const secrets = await routeSecrets(route, { directory, env: process.env })
    return routeFront(route, secrets, [access.get(route.primary), access.get(route.standby)])
  } catch (error) {
    if (error instanceof KmcError) return { ways: null, why: error.message }
    throw error
  }
}

function knownRoute({ fleet }: LoadedFleet, name: string): RouteDeclaration {
  const found = entryOf(fleet.routes, name)
  if (found !== null) return found
  const names = Object.keys(fleet.routes)
  const near = nearest(name, names)
  const hint = near === null ? '' : `, did you mean ${near}?`
  throw failoverError('ROUTE_UNKNOWN', `the fleet has no route "${name}"${hint}`, { context: { names } })
}

/** A cluster that cannot be reached needs no address here: a plan takes only names and patterns from the link. */
function specOf(link: LinkDeclaration, access: PlanTarget['access']) {
  const [from, to] = [link.from, link.to].map((name) => {
    const config = access.get(name)
    return config?.ok ? config.value : { name, bootstrap: [] }
  })
  return linkSpec(link, from!, to!)
}

/** What workers on this machine say; a supervisor that does not answer leaves that unknown. */
async function seenBySupervisor({ directory }: LoadedFleet): Promise<Map<string, LastSeen>> {
  const status = await within(
    { timeoutMs: SUPERVISOR_MS },
    'Asking the supervisor',
    supervisorStatus(directory),
  ).catch(() => null)
  const links = status?.links ?? []
  return new Map(links.map(({ name, mirrors, groups }) => [name, lastSeenOf(name, mirrors, groups)]))
}
