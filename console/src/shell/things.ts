import type { FleetStatus } from '../../../src/fleet/run/fleet-status.ts'
import { paths } from './paths.ts'

/** Something with a name and a page of its own. */
export type Thing = {
  readonly kind: string
  readonly name: string
  readonly where: string
  readonly to: string
}

/** Everything with a name that the page has loaded. */
export function thingsOf({ clusters, links, routes }: FleetStatus): Thing[] {
  return [
    ...pages,
    ...clusters.map(({ name, region }) => ({
      ...{ kind: 'cluster', name, where: region ?? '', to: paths.cluster(name) },
    })),
    ...links.flatMap(({ name, from, to, mirrors }) => [
      { kind: 'link', name, where: `${from} → ${to}`, to: paths.link(name) },
      ...mirrors.map(({ mirror }) => ({
        kind: 'mirror',
        name: mirror,
        where: to,
        to: paths.topic(to, mirror),
      })),
    ]),
    ...routes.map(({ name, address }) => ({ kind: 'route', name, where: address, to: paths.route(name) })),
  ]
}

const pages: readonly Thing[] = [
  { kind: 'page', name: 'Fleet map', where: '', to: paths.map },
  { kind: 'page', name: 'Alerts', where: '', to: paths.alerts },
  { kind: 'page', name: 'Clusters', where: '', to: paths.clusters },
  { kind: 'page', name: 'Links', where: '', to: paths.links },
  { kind: 'page', name: 'Groups', where: '', to: paths.groups },
  { kind: 'page', name: 'Routes', where: '', to: paths.routes },
  { kind: 'page', name: 'Topics', where: '', to: paths.allTopics },
  { kind: 'page', name: 'Receipts', where: '', to: paths.receipts },
  { kind: 'page', name: 'Audit', where: '', to: paths.audit },
]

/** Those whose name holds all letters of the text in order; the closest first. */
export function matching(things: readonly Thing[], text: string, most: number): Thing[] {
  const wanted = text.trim().toLowerCase()
  return things
    .map((thing) => ({ thing, far: distance(thing.name.toLowerCase(), wanted) }))
    .filter(({ far }) => far !== null)
    .sort((a, b) => a.far! - b.far! || a.thing.name.localeCompare(b.thing.name))
    .slice(0, most)
    .map(({ thing }) => thing)
}

/** How far apart the letters stand, and how late they begin; null where they are not all there in order. */
function distance(name: string, wanted: string): number | null {
  const whole = name.indexOf(wanted)
  if (whole >= 0) return whole
  let at = -1
  let far = 100
  for (const letter of wanted) {
    const next = name.indexOf(letter, at + 1)
    if (next < 0) return null
    far += next - at - 1
    at = next
  }
  return far
}
