import type { Route } from '../../gateway/route.ts'
import type { Client, RouteStatus } from '../../gateway/spec.ts'
import { canBeTakenBack } from '../run/course.ts'
import type { FailoverRecord } from '../state/records.ts'
import type { Keeper } from './keeper.ts'
import type { Instant } from './lease.ts'
import type { LeftStatus } from './left-cluster.ts'
import type { RouteKeeperSpec } from './route-keeper.ts'

/** How one gateway of a route is: what `kmc route describe -o json` shows of it. */
export type GatewayStatus = {
  readonly id: string
  readonly pid: number
  readonly at: number
  /** The route record that it obeys; 0 as long as it has found none. */
  readonly epoch: number
  readonly moves: number
  readonly active: string
  readonly phase: RouteStatus['phase']
  readonly fence: RouteStatus['fence']
  readonly missing: readonly string[]
  readonly mayWrite: boolean
  /** Why no writes pass, in words; null while they do. */
  readonly waitsFor: string | null
  readonly connections: number
  readonly parkedConnections: number
  readonly parkedBytes: number
  readonly closed: Readonly<Record<string, number>>
  readonly warnings: readonly string[]
  readonly clients: readonly Client[]
  /** The other cluster: what keeps clients from writing there past the route, and who does. */
  readonly left: LeftStatus | null
  /** The failover that is under way or stopped halfway; null where none is. */
  readonly run: RunStatus | null
}

/** How far a failover is, and when its process was heard last. */
export type RunStatus = {
  readonly step: string
  readonly by: string
  readonly at: number
  /** Its process has ended it halfway. */
  readonly failed: boolean
  /** Gateways put the route back to where it was, should nobody go on with it. */
  readonly returns: boolean
}

/** Null of one that has come to its end. */
export function runStatus(run: FailoverRecord): RunStatus | null {
  const { step, runner, at, state } = run
  if (state === 'done' || state === 'undone') return null
  const by = `${runner.user} on ${runner.host}`
  return { step, by, at, failed: state === 'failed', returns: canBeTakenBack(run) }
}

export function gatewayStatus(
  { keeper: { id, pid } }: RouteKeeperSpec,
  keeper: Keeper,
  route: Route,
  now: Instant,
): Omit<GatewayStatus, 'left' | 'run'> {
  const { phase, fence, connections, parkedConnections, parkedBytes, closed, warnings } = route.status()
  const mayWrite = keeper.mayWrite(now)
  return {
    ...{ id, pid, phase, fence, mayWrite, connections, parkedConnections, parkedBytes, closed, warnings },
    at: now.wallMs,
    epoch: keeper.route?.epoch ?? 0,
    moves: keeper.route?.moves ?? 0,
    active: keeper.active,
    missing: keeper.reached.missing,
    waitsFor: mayWrite ? null : whatKeepsIt(keeper),
    clients: route.census(),
  }
}

function whatKeepsIt({ route, sides, active }: Keeper): string {
  const lost = sides.flatMap(({ name, lost }) =>
    lost === null ? [] : [`${name} cannot be reached: ${lost.why}`],
  )
  if (route === null) return lost[0] ?? 'the state of the route was not read yet'
  if (!sides.some(({ name }) => name === route.active))
    return `the route leads to ${route.active}, which it does not have`
  if (route.active !== active) return `it goes over to ${route.active}`
  return lost[0] ?? 'its state is being read anew'
}
