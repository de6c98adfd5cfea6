import type { FleetStatus, LinkOverview } from './fleet-status.ts'
import type { RouteOverview } from './route-overview.ts'

/** Something that happened to a fleet, as one line for people who read a log. */
export type News = { readonly kind: 'good' | 'bad' | 'plain'; readonly text: string }

/** What is new since the status before (null: everything is). Pure. */
export function fleetNews(before: FleetStatus | null, now: FleetStatus): News[] {
  const clusters = now.clusters.flatMap((cluster) => {
    const was = before?.clusters.find(({ name }) => name === cluster.name)
    if (was?.state === cluster.state && was.fault?.message === cluster.fault?.message) return []
    const place = cluster.state === 'ready' ? ` at ${cluster.bootstrap.join(', ')}` : ''
    const why = cluster.fault === null ? '' : `: ${cluster.fault.message.replaceAll(/\s+/g, ' ')}`
    const kind = cluster.fault !== null ? 'bad' : cluster.state === 'ready' ? 'good' : 'plain'
    return [{ kind, text: `cluster ${cluster.name} is ${cluster.state}${place}${why}` } as const]
  })
  const links = now.links.flatMap((link) =>
    linkNews(
      before?.links.find(({ name }) => name === link.name),
      link,
    ),
  )
  const routes = now.routes.flatMap((route) =>
    routeNews(
      before?.routes.find(({ name }) => name === route.name),
      route,
    ),
  )
  return [...clusters, ...links, ...routes]
}

function routeNews(was: RouteOverview | undefined, route: RouteOverview): News[] {
  const { name, address, state, active, fault } = route
  if (was?.state === state && was.active === active && was.fault?.message === fault?.message) return []
  const where = active === null ? '' : ` from ${active} at ${address}`
  const why = fault === null ? '' : `: ${fault.message}`
  const kind = fault !== null ? 'bad' : state === 'serving' ? 'good' : 'plain'
  return [{ kind, text: `route ${name} is ${state}${where}${why}` }]
}

function linkNews(was: LinkOverview | undefined, link: LinkOverview): News[] {
  const news: News[] = []
  if (was?.state !== link.state || was.fault?.message !== link.fault?.message) {
    const why = link.fault === null ? '' : `: ${link.fault.message}`
    const kind = link.fault !== null ? 'bad' : link.state === 'active' ? 'good' : 'plain'
    news.push({ kind, text: `link ${link.name} (${link.from} → ${link.to}) is ${link.state}${why}` })
  }
  const pid = link.worker?.pid ?? null
  if (pid !== null && pid !== was?.worker?.pid) {
    const again = (link.worker?.restarts ?? 0) > 0 ? 'started again' : 'started'
    news.push({ kind: 'plain', text: `link ${link.name}: worker ${again} as process ${pid}` })
  }
  for (const mirror of link.mirrors) {
    const before = was?.mirrors.find(({ topic }) => topic === mirror.topic)
    if (before?.state === mirror.state || (before === undefined && mirror.state === 'active')) continue
    const why = mirror.fault === null ? '' : `: ${mirror.fault.message}`
    const kind = mirror.fault === null ? 'plain' : 'bad'
    news.push({ kind, text: `link ${link.name}: mirror ${mirror.mirror} is ${mirror.state}${why}` })
  }
  return news
}
