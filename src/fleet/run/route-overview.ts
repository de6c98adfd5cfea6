import { writerTexts } from '../../failover/fence/direct-writers.ts'
import type { GatewayStatus } from '../../failover/keeper/status.ts'
import { TAKEN_BACK_AFTER_MS } from '../../failover/run/busy.ts'
import type { GatewayRecord, RouteRecord } from '../../failover/state/records.ts'
import type { RouteDeclaration } from '../file/fleet.ts'
import type { Trouble, WorkerStatus } from './fleet-status.ts'

/**
 * `serving` takes writes; `switching` is in a failover; `waiting` takes none, as its state cannot be seen; `faulted`
 * has no gateway that works here; `unknown` where no gateway of this machine says, and the clusters do not.
 */
export type RouteState = 'serving' | 'switching' | 'waiting' | 'faulted' | 'stopped' | 'unknown'

/** One route with everything known of it here. */
export type RouteOverview = {
  readonly name: string
  readonly primary: string
  readonly standby: string
  /** Where clients find it. */
  readonly address: string
  readonly slots: number
  readonly state: RouteState
  /** Where it leads; null where that is not known. */
  readonly active: string | null
  readonly epoch: number | null
  readonly phase: RouteRecord['phase'] | null
  /** What its gateway on this machine says; null where none does. */
  readonly gateway: GatewayStatus | null
  /** All its gateways, wherever they run, as the clusters know them; empty where they were not asked. */
  readonly gateways: readonly GatewayRecord[]
  readonly fault: Trouble | null
  /** null where no supervisor of this machine serves it. */
  readonly worker: WorkerStatus | null
}

/** The part of a runner that the overview is made from. */
type Runner = {
  readonly status: GatewayStatus | null
  readonly isCurrent: boolean
  readonly worker: WorkerStatus
  readonly trouble: Trouble | null
}

/** A route as its supervisor sees it. */
export function routeOverview(route: RouteDeclaration, runner: Runner): RouteOverview {
  const { worker, trouble } = runner
  const gateway = runner.isCurrent ? runner.status : null
  return {
    ...named(route),
    state: stateOf(gateway, worker, trouble),
    active: gateway === null || gateway.epoch === 0 ? null : gateway.active,
    epoch: gateway?.epoch || null,
    phase: gateway?.phase ?? null,
    gateway,
    gateways: [],
    fault: trouble ?? (gateway === null ? null : standing(gateway, route.name)),
    worker,
  }
}

/** A route as its clusters know it. */
export function routeFromClusters(
  route: RouteDeclaration,
  known: { readonly record: RouteRecord | null; readonly gateways: readonly GatewayRecord[] },
): RouteOverview {
  const { record, gateways } = known
  const living = gateways.filter(({ gone }) => !gone)
  const state = record === null || living.length === 0 ? 'unknown' : stateFrom(record, living)
  const { active = null, epoch = null, phase = null } = record ?? {}
  return { ...named(route), state, active, epoch, phase, gateway: null, gateways, fault: null, worker: null }
}

function named({ name, primary, standby, advertised, port, slots }: RouteDeclaration) {
  return { name, primary, standby, address: `${advertised}:${port}`, slots }
}

function stateOf(gateway: GatewayStatus | null, worker: WorkerStatus, trouble: Trouble | null): RouteState {
  if (trouble !== null) return 'faulted'
  if (gateway === null) return worker.state === 'running' ? 'waiting' : 'stopped'
  if (gateway.epoch > 0 && gateway.phase !== 'open') return 'switching'
  return gateway.mayWrite ? 'serving' : 'waiting'
}

function stateFrom(record: RouteRecord, living: readonly GatewayRecord[]): RouteState {
  if (record.phase !== 'open') return 'switching'
  return living.some(({ mayWrite }) => mayWrite) ? 'serving' : 'waiting'
}

/** The process of a failover says something every two seconds. */
const ABANDONED_AFTER_MS = 30_000

/** Nobody lets waiting clients go but whoever goes on with the failover that holds them. */
function abandoned({ at, epoch, phase, run }: GatewayStatus, route: string): Trouble | null {
  if (run === null || epoch === 0 || phase === 'open') return null
  const silentMs = at - run.at
  if (!run.failed && silentMs < ABANDONED_AFTER_MS) return null
  const seconds = Math.max(0, Math.round(silentMs / 1_000))
  const ended = run.failed ? 'failed' : 'was last heard of'
  const back = run.returns ? `; ${TAKEN_BACK_AFTER_MS / 1_000} s after it gateways put the route back` : ''
  const message = `the failover by ${run.by} ${ended} at step "${run.step}" ${seconds} s ago, and clients wait${back}`
  return { code: 'ROUTE_SWITCH_ABANDONED', message, remedy: `Go on with it: kmc failover ${route}` }
}

/** A gateway that works and takes no writes outside of a switch is trouble for its clients. */
function standing(gateway: GatewayStatus, route: string): Trouble | null {
  const trouble = abandoned(gateway, route)
  if (trouble !== null) return trouble
  const { mayWrite, waitsFor, epoch } = gateway
  if (mayWrite || waitsFor === null || epoch === 0) return passedBy(gateway)
  const remedy = 'Writes go on by themselves once both clusters can be read again, or after a failover.'
  return { code: 'ROUTE_STATE_UNREACHABLE', message: `no writes pass: ${waitsFor}`, remedy }
}

/** What is written past the route is lost to all who read through it. */
function passedBy({ left }: GatewayStatus): Trouble | null {
  if (left === null || left.directWriters.length === 0) return null
  const message = `past the route, to ${left.cluster}, writes ${writerTexts(left.directWriters).join('; ')}`
  const remedy = 'Lead it to the address of the route: what it writes there reaches nobody.'
  return { code: 'ROUTE_DIRECT_WRITERS', message, remedy }
}
