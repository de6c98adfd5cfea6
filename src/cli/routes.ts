import { failoverError } from '../failover/errors.ts'
import { openFleet } from '../fleet/apply/open-fleet.ts'
import type { LoadedFleet, RouteDeclaration } from '../fleet/file/fleet.ts'
import { didYouMean } from '../fleet/file/suggest.ts'
import { entryOf } from '../fleet/plan/observed.ts'
import type { CommandContext } from './command.ts'

/** A route of the fleet file. @throws ROUTE_UNKNOWN */
export async function knownRoute(
  { fleetPath }: CommandContext,
  name: string,
): Promise<{ readonly loaded: LoadedFleet; readonly route: RouteDeclaration }> {
  const loaded = await openFleet(fleetPath)
  const route = entryOf(loaded.fleet.routes, name)
  if (route !== null) return { loaded, route }
  const names = Object.keys(loaded.fleet.routes)
  const message = `the fleet has no route "${name}"${didYouMean(name, names)}`
  throw failoverError('ROUTE_UNKNOWN', message, { context: { names } })
}
