import { highest } from '../../failover/state/rank.ts'
import type { RouteRecord } from '../../failover/state/records.ts'
import type { RouteDeclaration } from '../file/fleet.ts'
import { canonicalText } from './canonical.ts'
import { type Notes, observedCluster, type PlanInput } from './notes.ts'
import { entryOf } from './observed.ts'
import type { Change } from './plan.ts'

/** Everything a plan says about routes. It starts and stops gateways; where a route leads only a failover changes. */
export function planRoutes(input: PlanInput, notes: Notes): void {
  for (const route of Object.values(input.declared.routes)) planRoute(input, route, notes)
  for (const route of Object.values(input.observed.applied?.routes ?? {})) {
    if (Object.hasOwn(input.declared.routes, route.name)) continue
    const subject = `route ${route.name}`
    const reason = `no longer in the fleet file; clients lose ${addressOf(route)}`
    notes.act({ action: 'delete-route', route: route.name, subject, reason })
  }
}

function planRoute(input: PlanInput, route: RouteDeclaration, notes: Notes): void {
  const { name } = route
  const subject = `route ${name}`
  const applied = entryOf(input.observed.applied?.routes ?? null, name)
  const works = (input.observed.gateways ?? []).includes(name)
  const record = recordOf(input, route)
  notes.rest(subject, record === null ? 'not known' : `leads to ${record.active}, epoch ${record.epoch}`)
  notes.rest(`gateway of ${name}`, works ? 'works' : 'does not run')
  sayWhereItLeads(route, record, notes)
  const action = { route: name, subject, declaration: route }
  if (applied === null) {
    const way = `${addressOf(route)} → ${route.primary}, standby ${route.standby}`
    notes.act({ ...action, action: 'create-route', reason: `in the fleet file, and not there yet: ${way}` })
    return
  }
  const changes = changesOf(applied, route)
  if (changes.length > 0) {
    const reason = 'the fleet file says otherwise; its gateway starts anew, and clients connect again'
    notes.act({ ...action, action: 'change-route', reason, changes })
    const moved = changes.filter(({ key }) => ['port', 'listen', 'advertised'].includes(key))
    if (moved.length > 0) notes.warn(subject, `clients have to be told that it is at ${addressOf(route)} now`)
  } else if (!works) {
    notes.act({ ...action, action: 'start-route', reason: 'no gateway of this machine serves it' })
  }
}

/** What both clusters say of it, as far as they answer. */
function recordOf(input: PlanInput, { name, primary, standby }: RouteDeclaration): RouteRecord | null {
  const records = [primary, standby].map((cluster) =>
    entryOf(observedCluster(input, cluster)?.routes ?? null, name),
  )
  return highest(records)
}

function sayWhereItLeads(route: RouteDeclaration, record: RouteRecord | null, notes: Notes): void {
  if (record === null || record.active === route.primary) return
  const subject = `route ${route.name}`
  const since = `since epoch ${record.epoch}`
  if (record.active === route.standby) {
    notes.warn(subject, `it leads to ${record.active} ${since}, and goes on doing so`)
  } else {
    const message = `route ${route.name} leads to ${record.active} ${since}, which is neither of its clusters`
    notes.refuse(subject, 'ROUTE_CLUSTER_FOREIGN', message)
  }
}

function changesOf(before: RouteDeclaration, now: RouteDeclaration): Change[] {
  const [was, is] = [{ ...before }, { ...now }] as Record<string, unknown>[]
  return Object.keys(is!)
    .map((key) => ({ key, from: canonicalText(was![key]), to: canonicalText(is![key]) }))
    .filter(({ from, to }) => from !== to)
}

function addressOf({ advertised, port }: RouteDeclaration): string {
  return `${advertised}:${port}`
}
