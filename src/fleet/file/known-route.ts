import { failoverError } from '../../failover/errors.ts'
import { entryOf } from '../plan/observed.ts'
import type { Fleet, RouteDeclaration } from './fleet.ts'
import { didYouMean } from './suggest.ts'

/** A route of the fleet file. @throws ROUTE_UNKNOWN */
export function knownRoute({ routes }: Fleet, name: string): RouteDeclaration {
  const route = entryOf(routes, name)
  if (route !== null) return route
  const names = Object.keys(routes)
  const message = `the fleet has no route "${name}"${didYouMean(name, names)}`
  throw failoverError('ROUTE_UNKNOWN', message, { context: { names } })
}
