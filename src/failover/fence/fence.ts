import { systemClock } from '../../base/clock.ts'
import type { KmcError } from '../../base/error.ts'
import type { NewAcl } from '../../client/admin/acls.ts'
import type { Cluster } from '../../client/cluster.ts'
import { TravelAdapter } from '../../link/ports/travel.ts'
import { topicRights } from '../../link/preflight/read/rights.ts'
import { linkPrincipal } from '../../link/travel/principal.ts'
import { isAllowed } from './authorizer.ts'
import type { FenceBook } from './book.ts'
import { planFence } from './entries.ts'

/** What is to be fenced. `reached` is null while the cluster is gone: the fence waits, and rises once it is back. */
export type FenceOrder = {
  readonly route: string
  readonly cluster: { readonly name: string; readonly reached: Cluster | null }
  readonly epoch: number
  readonly topics: readonly string[]
}

/** How a fence stands. `waiting`: for its cluster. `impossible`: that has no authorizer. */
export type FenceReport = {
  readonly state: 'raised' | 'partly' | 'waiting' | 'impossible'
  /** Entries of kmc's that stand for it. */
  readonly entries: number
  /** Who may write all the same, and why entries were refused. */
  readonly unfenced: readonly string[]
  readonly refused: readonly string[]
}

/**
 * Denies clients to write to a route's topics on the cluster that it has left. What is made is noted before; repeated,
 * it makes what is missing: for a cluster that comes back, for topics and grants that are new.
 */
export async function raiseFence(
  { route, cluster, epoch, topics }: FenceOrder,
  book: FenceBook,
): Promise<FenceReport> {
  const known = await book.read()
  const own = known?.cluster === cluster.name ? known.acls : []
  const record = { route, cluster: cluster.name, epoch, topics: [...topics], at: systemClock.now() }
  const wait = async (state: 'waiting' | 'impossible'): Promise<FenceReport> => {
    await book.write({ ...record, acls: own })
    return { state, entries: own.length, unfenced: [], refused: [] }
  }
  if (cluster.reached === null) return await wait('waiting')
  const side = new TravelAdapter(cluster.reached)
  const present = await side.acls()
  if (present === null) return await wait('impossible')
  const principal = linkPrincipal(cluster.reached.config)
  const keep = principal === null ? [] : [principal]
  const isSuperUser = await passesAlways(cluster.reached, topics, present)
  const { create, all, unfenced } = planFence({ present, own, topics, keep, isSuperUser })
  await book.write({ ...record, acls: [...all] })
  const refused = await side.createAcls(create)
  const state = unfenced.length === 0 && refused.length === 0 ? 'raised' : 'partly'
  const errors = [...new Set(refused.map(({ error }) => error.message))]
  return { state, entries: all.length - refused.length, unfenced, refused: errors }
}

/** Takes down what kmc made for a fence, and nothing else. Repeated until all is gone; gives what was refused. */
export async function liftFence(cluster: Cluster, book: FenceBook): Promise<readonly KmcError[]> {
  const known = await book.read()
  if (known === null || known.cluster !== cluster.name) return []
  const refused = await new TravelAdapter(cluster).deleteAcls(known.acls)
  if (refused.length === 0) await book.write(null)
  return refused.map(({ error }) => error)
}

/**
 * Whether kmc may write although no entry lets it: a super user. A topic without any entry proves nothing, since
 * brokers may let everybody in there (allow.everyone.if.no.acl.found).
 */
async function passesAlways(
  cluster: Cluster,
  topics: readonly string[],
  present: readonly NewAcl[],
): Promise<boolean> {
  const principal = linkPrincipal(cluster.config)
  if (principal === null) return false
  const question = { principal, resourceType: 'topic', operation: 'write' } as const
  const guarded = topics.find((topic) => {
    const isNamed = present.some((acl) => acl.resourceType === 'topic' && acl.resourceName === topic)
    return isNamed && !isAllowed(present, { ...question, resourceName: topic })
  })
  if (guarded === undefined) return false
  const [rights] = await topicRights(cluster, [guarded])
  return rights!.told && rights!.value.has('write')
}
