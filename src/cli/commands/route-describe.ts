import { outcomeOf } from '../../client/outcome.ts'
import { fenceText } from '../../failover/fence/report.ts'
import type { RouteRecord } from '../../failover/state/records.ts'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import type { LoadedFleet, RouteDeclaration } from '../../fleet/file/fleet.ts'
import { knownRoute } from '../../fleet/file/known-route.ts'
import { observeRoute } from '../../fleet/run/observe-route.ts'
import { clusterConfig } from '../../fleet/run/resolve-clusters.ts'
import { type RouteOverview, routeFromClusters } from '../../fleet/run/route-overview.ts'
import { fleetStatus } from '../../server/fleet-status.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import type { Output } from '../output.ts'
import { clientColumns, gatewayColumns } from '../route-view.ts'
import { faultLines } from '../status-view.ts'
import { formatBytes, formatInstant } from '../terminal/units.ts'

/** What `kmc route describe` tells. */
type RouteDescription = RouteOverview & {
  /** What all gateways obey, as the clusters have it; null where neither answers, or nobody wrote it yet. */
  readonly record: RouteRecord | null
  readonly declared: RouteDeclaration
}

export const routeDescribe: CommandDefinition = {
  description:
    'Shows a route: where it leads and since when, its phase, all its gateways wherever they run, and the clients of the ' +
    'gateway on this machine with how each will behave in a switch.',
  examples: [
    ['kmc route describe shop', 'the route shop'],
    ['kmc route describe shop -o json', 'for programs'],
  ],
  configure: (command) => command.argument('<route>', 'a route of the fleet file'),
  async run(context, _options, [name]) {
    const loaded = await openFleet(context.fleetPath)
    const route = knownRoute(loaded.fleet, name!)
    const { out, signal } = context
    const [{ status, problem }, seen] = await Promise.all([
      fleetStatus(loaded, signal),
      observeRoute(route.name, await accesses(loaded, route), signal),
    ])
    if (problem !== null) out.problem(problem)
    const here = status.routes.find((one) => one.name === route.name)
    const overview = here?.gateway ? { ...here, gateways: seen.gateways } : routeFromClusters(route, seen)
    const fault = here?.fault ?? null
    const described: RouteDescription = { ...overview, fault, record: seen.record, declared: route }
    await out.value(described, () => print(described, out, status.at))
    return Exit.ok
  },
}

function accesses({ fleet, directory }: LoadedFleet, { primary, standby }: RouteDeclaration) {
  return Promise.all(
    [primary, standby].map((cluster) => outcomeOf(clusterConfig(fleet.clusters[cluster]!, directory))),
  )
}

function print(route: RouteDescription, out: Output, nowMs: number): void {
  const { name, address, slots, primary, standby, state, active, gateway, gateways, record, declared } = route
  out.fields([
    ['route', name],
    ['address', slots === 1 ? address : `${address} and the ${slots - 1} ports after it`],
    ['state', state],
    ['leads to', active ?? 'not known'],
    ['clusters', `${primary} (declared primary), ${standby}`],
    [
      'if the standby is lost',
      declared.standbyLost === 'serve' ? 'it goes on serving' : 'it takes no writes',
    ],
    ...(record === null ? [] : recordFields(record)),
    ...(gateway?.left?.fence ? [['left', fenceText(gateway.left.fence)] as [string, string]] : []),
    ...(gateway === null
      ? []
      : [
          ['clients', `${gateway.connections} connections`] as [string, string],
          ['waiting', `${gateway.parkedConnections} connections, ${formatBytes(gateway.parkedBytes)}`] as [
            string,
            string,
          ],
        ]),
  ])
  const tables = [
    gateways.length === 0 ? [] : out.table(gateways, gatewayColumns(out.palette, nowMs)),
    gateway === null || gateway.clients.length === 0 ? [] : out.table(gateway.clients, clientColumns(nowMs)),
    gateway?.warnings ?? [],
    faultLines([route], out),
  ]
  for (const lines of tables.filter((table) => table.length > 0)) {
    out.line('')
    for (const line of lines) out.line(line)
  }
}

function recordFields({ epoch, moves, phase, fence, alone, at, by }: RouteRecord): [string, string][] {
  const words = [
    phase,
    ...(fence === 'none' ? [] : [`fence ${fence}`]),
    ...(alone ? ['the other cluster was out of reach'] : []),
  ]
  return [
    ['phase', words.join(', ')],
    ['epoch', `${epoch}, ${moves} moves, by ${by.user} on ${by.host} at ${formatInstant(at)}`],
  ]
}
