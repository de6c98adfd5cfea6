import type { GatewayStatus } from '../../../failover/keeper/status.ts'
import { parseFleet } from '../../file/load.ts'
import type { Trouble, WorkerStatus } from '../fleet-status.ts'
import { type RouteOverview, routeOverview } from '../route-overview.ts'

const { fleet } = parseFleet(`clusters:
  seoul:
  virginia:
links: { dr: { from: seoul, to: virginia } }
routes: { shop: { port: 9192, primary: seoul, standby: virginia } }
`)
/** A route from seoul to virginia. */
export const route = fleet.routes.shop!
const running: WorkerStatus = {
  state: 'running',
  pid: 1,
  startedAt: 0,
  restarts: 0,
  nextStartAt: null,
  lastEnd: null,
}
const gateway: GatewayStatus = {
  id: 'g',
  pid: 1,
  at: 0,
  epoch: 3,
  moves: 1,
  active: 'virginia',
  phase: 'open',
  fence: 'none',
  missing: [],
  mayWrite: true,
  waitsFor: null,
  connections: 4,
  parkedConnections: 0,
  parkedBytes: 0,
  closed: {},
  warnings: [],
  clients: [],
  left: null,
  run: null,
}

/** The route as a supervisor sees it: what its gateway says (null: nothing), and how its process is. */
export function seen(
  status: Partial<GatewayStatus> | null,
  more: { worker?: Partial<WorkerStatus>; trouble?: Trouble } = {},
): RouteOverview {
  return routeOverview(route, {
    status: status === null ? null : { ...gateway, ...status },
    isCurrent: status !== null,
    worker: { ...running, ...more.worker },
    trouble: more.trouble ?? null,
  })
}
