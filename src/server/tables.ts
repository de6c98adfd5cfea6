import { alertRoutes } from './api/alerts.ts'
import { auditRoutes } from './api/audit.ts'
import { clusterViewRoutes } from './api/clusters.ts'
import { driftRoutes } from './api/drift.ts'
import { eventRoutes } from './api/events.ts'
import { failoverRoutes } from './api/failover.ts'
import { fleetRoutes } from './api/fleet.ts'
import { groupPositionRoutes } from './api/group-positions.ts'
import { groupViewRoutes } from './api/groups.ts'
import { historyRoutes } from './api/history.ts'
import { httpSdRoutes } from './api/http-sd.ts'
import { linkRoutes, type VerbParts } from './api/links.ts'
import { mirrorRoutes } from './api/mirrors.ts'
import { operationRoutes } from './api/operations.ts'
import { receiptRoutes } from './api/receipts.ts'
import { recordRoutes } from './api/records.ts'
import { repairRoutes } from './api/repairs.ts'
import { replicaRoutes } from './api/replicas.ts'
import { routeRoutes } from './api/routes.ts'
import { searchRoutes } from './api/search.ts'
import { sessionRoutes } from './api/session.ts'
import { topicViewRoutes } from './api/topics.ts'
import type { ClusterTrail } from './audit/trail.ts'
import { burrowRoutes } from './burrow/routes.ts'
import { cmakRoutes } from './cmak/routes.ts'
import type { SignIn } from './door/sign-in.ts'
import type { FleetChanges } from './events/fleet-changes.ts'
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
  groupPositionRoutes,
  replicaRoutes,
  historyRoutes,
  alertRoutes,
  driftRoutes,
  recordRoutes,
  receiptRoutes,
  searchRoutes,
  httpSdRoutes,
  v3Routes,
  burrowRoutes,
  cmakRoutes,
  healthRoutes,
]

/** What some routes need besides. */
export type TableParts = VerbParts & {
  readonly signIn: SignIn
  readonly trail: Pick<ClusterTrail, 'read'>
  readonly consumers: ConsumerInstances
  readonly changes: FleetChanges
}

/** Every route of the server. */
export function allRoutes(parts: TableParts): readonly Route[] {
  const { signIn, trail, operations, consumers } = parts
  const routes = [
    sessionRoutes(signIn),
    auditRoutes(trail),
    linkRoutes(parts),
    mirrorRoutes(parts),
    repairRoutes(parts),
    routeRoutes(parts),
    failoverRoutes(parts),
    operationRoutes(operations),
    eventRoutes(parts),
    restV2Routes(consumers),
    ...plain,
  ].flat()
  return [...routes, openApiRoute(routes)]
}
