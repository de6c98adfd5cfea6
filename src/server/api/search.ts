import { z } from 'zod'
import { type Caller, may } from '../door/caller.ts'
import type { House } from '../house.ts'
import { type Route, route } from '../http/route.ts'
import { compare } from './rows.ts'

const RESULTS_MAX = 100

const found = z.object({
  kind: z.enum(['cluster', 'link', 'route', 'topic', 'group']),
  name: z.string(),
  /** Of topics and groups. */
  cluster: z.string().nullable(),
})

type Found = z.infer<typeof found>

/** Looking for names, in what the last looks at the clusters found. */
export const searchRoutes: readonly Route[] = [
  route({
    ...{ method: 'GET', path: '/api/search', tag: 'fleet', action: null },
    summary:
      'Clusters, links, routes, topics and groups whose name holds a text; those that begin with it first',
    need: { role: 'viewer', on: 'somewhere' },
    query: z.object({
      q: z.string().min(1).max(256),
      limit: z.coerce.number().int().min(1).max(RESULTS_MAX).default(50),
    }),
    answer: z.object({ total: z.number(), results: z.array(found) }),
    handle({ house, caller, query: { q, limit } }) {
      const wanted = q.toLowerCase()
      const ranked = [...namesOf(house)].flatMap((one) => {
        const at = one.name.toLowerCase().indexOf(wanted)
        return at < 0 || !maySee(one, caller) ? [] : [{ one, at }]
      })
      ranked.sort(
        (a, b) => a.at - b.at || a.one.name.length - b.one.name.length || compare(a.one.name, b.one.name),
      )
      return { total: ranked.length, results: ranked.slice(0, limit).map(({ one }) => one) }
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/where/{topic}', tag: 'fleet', action: null },
    summary: 'Where in the fleet a topic is: on which clusters, and which of them are mirrors of which link',
    need: { role: 'viewer', on: 'somewhere' },
    answer: z.object({
      places: z.array(z.object({ cluster: z.string(), topic: z.string(), mirrorOf: z.string().nullable() })),
    }),
    handle: ({ house, caller, params }) => ({ places: placesOf(house, params.topic, caller) }),
  }),
]

function* namesOf({ status, watches }: House): Generator<Found> {
  const { clusters, links, routes } = status()
  for (const { name } of clusters) yield { kind: 'cluster', name, cluster: null }
  for (const { name } of links) yield { kind: 'link', name, cluster: null }
  for (const { name } of routes) yield { kind: 'route', name, cluster: null }
  for (const { name: cluster } of clusters) {
    const view = watches.view(cluster)
    for (const name of view?.topics.value?.topics.keys() ?? []) yield { kind: 'topic', name, cluster }
    for (const name of view?.groups.value?.groups.keys() ?? []) yield { kind: 'group', name, cluster }
  }
}

function maySee({ kind, name, cluster }: Found, caller: Caller): boolean {
  if (kind === 'cluster') return may(caller, 'viewer', { cluster: name })
  return may(caller, 'viewer', { cluster: cluster ?? undefined, resource: { kind, name } })
}

/** Under its own name wherever there is one, and under the names that links give its mirrors. */
function placesOf({ status, watches }: House, topic: string, caller: Caller) {
  const { clusters, links } = status()
  const copies = links.flatMap(({ name, to, mirrors }) =>
    mirrors
      .filter((mirror) => mirror.topic === topic || mirror.mirror === topic)
      .map(({ mirror }) => ({ cluster: to, topic: mirror, mirrorOf: name })),
  )
  const own = clusters.flatMap(({ name: cluster }) => {
    const isThere = watches.view(cluster)?.topics.value?.topics.has(topic) === true
    const isCopy = copies.some((copy) => copy.cluster === cluster && copy.topic === topic)
    return isThere && !isCopy ? [{ cluster, topic, mirrorOf: null }] : []
  })
  return [...own, ...copies].filter(({ cluster, topic: name }) =>
    may(caller, 'viewer', { cluster, resource: { kind: 'topic', name } }),
  )
}
