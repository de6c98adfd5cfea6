import { z } from 'zod'
import { failoverError } from '../../failover/errors.ts'
import { latestRunOf } from '../../failover/run/run-course.ts'
import type { FailoverRecord } from '../../failover/state/records.ts'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { type FailoverTarget, failoverTarget } from '../../fleet/run/failover-target.ts'
import type { RouteOverview } from '../../fleet/run/route-overview.ts'
import { may } from '../door/caller.ts'
import type { House } from '../house.ts'
import { type Route, route } from '../http/route.ts'
import type { VerbParts } from './links.ts'

/** Routes as they are, and how each was moved last. */
export function routeRoutes(parts: VerbParts): readonly Route[] {
  return [...routeViews, runRoute(parts)]
}

const routeViews = [
  route({
    ...{ method: 'GET', path: '/api/routes', tag: 'routes', action: null },
    summary: 'The routes that the caller may see, with where each leads',
    need: { role: 'viewer', on: 'somewhere' },
    answer: z.object({ routes: z.array(z.custom<RouteOverview>()) }),
    handle({ house, caller }) {
      const { routes } = house.status()
      return {
        routes: routes.filter(({ name }) => may(caller, 'viewer', { resource: { kind: 'route', name } })),
      }
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/routes/{route}', tag: 'routes', action: null },
    summary: 'A route with its gateway here and the clients of that',
    need: { role: 'viewer', on: 'route' },
    answer: z.custom<RouteOverview>(),
    handle: ({ house, params }) => routeNamed(house, params.route),
  }),
]

function routeNamed(house: House, name: string): RouteOverview {
  const found = house.status().routes.find((one) => one.name === name)
  if (found !== undefined) return found
  throw failoverError('ROUTE_UNKNOWN', `the fleet has no route "${name}"`)
}

/** What a failover of a route is planned and run with, from here. @throws ROUTE_UNKNOWN */
export async function targetHere(
  { fleet }: VerbParts,
  house: House,
  name: string,
  signal: AbortSignal,
): Promise<FailoverTarget> {
  const status = Promise.resolve(house.status())
  return await failoverTarget(await openFleet(fleet.file), name, { status, signal })
}

function runRoute(parts: VerbParts): Route {
  return route({
    ...{ method: 'GET', path: '/api/routes/{route}/failover', tag: 'failover', action: null },
    summary: 'The latest move of a route as its clusters know it, whoever made it; null where there was none',
    need: { role: 'viewer', on: 'route' },
    answer: z.object({ run: z.custom<FailoverRecord | null>() }),
    handle: async ({ house, params, signal }) => {
      return { run: await latestRunOf(await targetHere(parts, house, params.route, signal)) }
    },
  })
}
