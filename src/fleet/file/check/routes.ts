import type { Fleet, LinkDeclaration, RouteDeclaration } from '../fleet.ts'
import { portsOf, rangesOverlap } from '../ports.ts'
import { slotsOf } from '../routes.ts'
import { entriesAt, nodeAt } from '../tree.ts'
import { PORT_MAX } from '../word-schemas.ts'
import { type CheckContext, checkClusterName, remark, report } from './context.ts'

/** Checks of routes: the clusters and the link between them, and the ports they take. */
export function checkRoutes(context: CheckContext): void {
  const routes = Object.values(context.fleet.routes)
  for (const name of entriesAt(context.root, 'routes').keys()) checkClustersOf(context, name)
  for (const [index, route] of routes.entries()) {
    checkLink(context, route)
    checkSlots(context, route)
    checkPorts(context, route, routes.slice(0, index))
    remarkPlain(context, route)
  }
}

/** Looks at the file itself, so that a route with other errors is told about its clusters too. */
function checkClustersOf(context: CheckContext, route: string): void {
  const at = ['routes', route]
  const ends = nodeAt(context.root, at)?.value as { primary?: unknown; standby?: unknown } | null
  for (const end of ['primary', 'standby'] as const) {
    checkClusterName(context, [...at, end], ends?.[end])
  }
  if (ends?.primary !== undefined && ends.primary === ends.standby) {
    report(context, [...at, 'standby'], 'a cluster cannot stand by for itself')
  }
}

/** A switch needs every record at its offset and under its name, so one exact link has to bring all of them. */
function checkLink(context: CheckContext, { name, primary, standby }: RouteDeclaration): void {
  const known = (cluster: string) => context.clusterNames.includes(cluster)
  if (primary === standby || !known(primary) || !known(standby)) return
  const at = ['routes', name, 'standby']
  const links = Object.values(context.fleet.links).filter((link) => leads(link, primary, standby))
  const plain = links.filter(({ prefix }) => prefix === '')
  if (plain.length === 1) return
  const write = `write  links: { NAME: { from: ${primary}, to: ${standby} } }`
  if (plain.length > 1) {
    const names = plain.map((link) => link.name).join(', ')
    const why = `links ${names} all lead from ${primary} to ${standby}`
    report(context, at, `${why}; a route needs one that takes every topic its clients use`)
  } else if (links.length > 0) {
    const why = `link ${links[0]!.name} gives mirrors the prefix ${links[0]!.prefix}`
    report(context, at, `${why}, but clients look for topics under the same names on both; ${write}`)
  } else {
    const back = Object.values(context.fleet.links).find((link) => leads(link, standby, primary))
    const hint = back === undefined ? '' : ` (${back.name} leads the other way)`
    report(context, at, `no link leads from ${primary} to ${standby}${hint}; ${write}`)
  }
}

function leads(link: LinkDeclaration, from: string, to: string): boolean {
  return link.engine === 'exact' && link.from === from && link.to === to
}

function checkSlots(context: CheckContext, route: RouteDeclaration): void {
  const { name, primary, standby, slots } = route
  const managed = [primary, standby].filter(
    (cluster) => clusterOf(context.fleet, cluster)?.kind === 'managed',
  )
  const needed = managed.length === 0 ? 1 : slotsOf(managed, context.fleet.clusters)
  if (slots < needed) {
    report(context, ['routes', name, 'slots'], `too few: one of the clusters has ${needed} brokers`)
  }
}

function clusterOf(fleet: Fleet, name: string) {
  return Object.hasOwn(fleet.clusters, name) ? fleet.clusters[name] : undefined
}

/** A range of ports on an address of this machine. */
type Taken = { readonly what: string; readonly host: string; readonly first: number; readonly last: number }

function checkPorts(
  context: CheckContext,
  route: RouteDeclaration,
  before: readonly RouteDeclaration[],
): void {
  const at = ['routes', route.name, 'port']
  const mine = rangeOf(route)
  if (mine.last > PORT_MAX) {
    report(context, at, `${route.slots} slots need ports up to ${mine.last}`)
    return
  }
  const { clusters, metrics, server } = context.fleet
  const others: Taken[] = before.map(rangeOf)
  for (const cluster of Object.values(clusters)) {
    if (cluster.kind !== 'managed') continue
    others.push({
      what: `cluster ${cluster.name}`,
      host: '127.0.0.1',
      ...portsOf(cluster.port, cluster.brokers),
    })
  }
  if (metrics !== undefined && metrics.port > 0) {
    others.push({ what: 'metrics', host: metrics.listen, first: metrics.port, last: metrics.port })
  }
  if (server?.port !== undefined) {
    others.push({ what: 'the server', host: server.listen, first: server.port, last: server.port })
  }
  for (const other of others) {
    if (!rangesOverlap(mine, other) || !meet(mine.host, other.host)) continue
    report(context, at, `${portsText(mine)} overlap with ${portsText(other)} of ${other.what}`)
  }
}

function rangeOf({ name, listen, port, slots }: RouteDeclaration): Taken {
  return { what: `route ${name}`, host: listen, first: port, last: port + slots - 1 }
}

function portsText({ first, last }: Taken): string {
  return first === last ? `port ${first}` : `ports ${first}-${last}`
}

/** Whether two addresses of this machine have ports in common. */
function meet(a: string, b: string): boolean {
  const plain = (host: string) => (host === 'localhost' ? '127.0.0.1' : host)
  const isAny = (host: string) => host === '0.0.0.0' || host === '::'
  return isAny(a) || isAny(b) || plain(a) === plain(b)
}

function remarkPlain(context: CheckContext, { name, sasl, tls, listen }: RouteDeclaration): void {
  const isHere = /^(localhost|127(\.\d+){3}|::1)$/.test(listen)
  if (sasl?.mechanisms.includes('PLAIN') && tls === null && !isHere) {
    remark(context, ['routes', name, 'sasl'], 'PLAIN without `tls` sends passwords readable over the network')
  }
}
