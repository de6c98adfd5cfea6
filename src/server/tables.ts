import { alertRoutes } from './api/alerts.ts'
import { clusterViewRoutes } from './api/clusters.ts'
import { fleetRoutes } from './api/fleet.ts'
import { groupViewRoutes } from './api/groups.ts'
import { historyRoutes } from './api/history.ts'
import { recordRoutes } from './api/records.ts'
import { sessionRoutes } from './api/session.ts'
import { topicViewRoutes } from './api/topics.ts'
import type { SignIn } from './door/sign-in.ts'
import { openApiRoute } from './http/openapi.ts'
import type { Route } from './http/route.ts'
import { healthRoutes } from './metrics/routes.ts'
import type { ConsumerInstances } from './rest-v2/consumer/instances.ts'
import { restV2Routes } from './rest-v2/routes.ts'
import { v3Routes } from './v3/routes.ts'

/** Tables that need nothing but what every route gets. */
const plain: readonly (readonly Route[])[] = [
  fleetRoutes,
  clusterViewRoutes,
  topicViewRoutes,
  groupViewRoutes,
  historyRoutes,
  alertRoutes,
  recordRoutes,
  v3Routes,
  healthRoutes,
]

/** What some routes need besides. */
export type TableParts = { readonly signIn: SignIn; readonly consumers: ConsumerInstances }

/** Every route of the server. */
export function allRoutes({ signIn, consumers }: TableParts): readonly Route[] {
  const routes = [sessionRoutes(signIn), restV2Routes(consumers), ...plain].flat()
  return [...routes, openApiRoute(routes)]
}
