import { systemClock } from '../../base/clock.ts'
import type { NewAcl } from '../../client/admin/acls.ts'
import { describeConfigs } from '../../client/admin/configs.ts'
import type { Cluster } from '../../client/cluster.ts'
import { outcomeOf } from '../../client/outcome.ts'
import { TravelAdapter } from '../../link/ports/travel.ts'
import { topicRights } from '../../link/preflight/read/rights.ts'
import { linkPrincipal } from '../../link/travel/principal.ts'
import { isAllowed } from './authorizer.ts'
import type { FenceBook } from './book.ts'
import { planFence } from './entries.ts'
import { awaitEntries } from './entries-there.ts'
import type { FenceReport } from './report.ts'

/** What is to be fenced. `reached` is null while the cluster is gone: the fence waits, and rises once it is back. */
export type FenceOrder = {
  readonly route: string
  readonly cluster: { readonly name: string; readonly reached: Cluster | null }
  readonly epoch: number
  readonly topics: readonly string[]
}

/**
 * Denies clients to write to a route's topics on the cluster that it has left. What is made is noted before; repeated,
 * it makes what is missing: for a cluster that comes back, for topics and grants that are new. When it returns every
 * broker denies.
 */
export async function raiseFence(
  { route, cluster, epoch, topics }: FenceOrder,
  book: FenceBook,
): Promise<FenceReport> {
  const { name, reached } = cluster
  const known = await book.read(name)
  const own = known?.acls ?? []
  const record = { route, cluster: name, epoch, topics: [...topics], at: systemClock.now() }
  const wait = async (state: 'waiting' | 'impossible'): Promise<FenceReport> => {
    if (!isNoted(known, record, own)) await book.write(name, { ...record, acls: own })
    return { cluster: name, state, entries: own.length, unfenced: [], refused: [] }
  }
  if (reached === null) return await wait('waiting')
  const side = new TravelAdapter(reached)
  const present = await side.acls()
  if (present === null) return await wait('impossible')
  const principal = linkPrincipal(reached.config)
  const keep = principal === null ? [] : [principal]
  const [isSuperUser, letsAllIn] = await Promise.all([
    passesAlways(reached, topics, present),
    admitsWithoutEntries(reached),
  ])
  const { create, all, unfenced } = planFence({ present, own, topics, keep, isSuperUser, letsAllIn })
  if (create.length > 0 || !isNoted(known, record, all)) await book.write(name, { ...record, acls: [...all] })
  const refused = await side.createAcls(create)
  const failed = new Set(refused.map(({ item }) => item))
  const made = create.filter((acl) => !failed.has(acl))
  const behind = (await awaitEntries(reached, made, 'there')).map((node) => `broker ${node} does not follow`)
  const errors = [...new Set(refused.map(({ error }) => error.message)), ...behind]
  const state = unfenced.length === 0 && errors.length === 0 ? 'raised' : 'partly'
  return {
    cluster: name,
    state,
    entries: all.length - refused.length,
    unfenced: [...unfenced],
    refused: errors,
  }
}

/**
 * Takes down what kmc made for a fence, and nothing else; when it returns every broker lets clients in. Repeated until
 * all is gone; gives in words what was refused, and null where there was no fence.
 */
export async function liftFence(cluster: Cluster, book: FenceBook): Promise<readonly string[] | null> {
  const known = await book.read(cluster.name)
  if (known === null) return null
  const refused = await new TravelAdapter(cluster).deleteAcls(known.acls)
  if (refused.length > 0) return refused.map(({ error }) => error.message)
  const behind = await awaitEntries(cluster, known.acls, 'gone')
  await book.write(cluster.name, null)
  return behind.map((node) => `broker ${node} does not follow`)
}

/** A round that finds all as it is noted writes nothing. */
function isNoted(
  known: Awaited<ReturnType<FenceBook['read']>>,
  { epoch, topics }: { readonly epoch: number; readonly topics: readonly string[] },
  acls: readonly NewAcl[],
): boolean {
  const isSame = (a: readonly unknown[], b: readonly unknown[]) => JSON.stringify(a) === JSON.stringify(b)
  return known !== null && known.epoch >= epoch && isSame(known.topics, topics) && isSame(known.acls, acls)
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

const ADMITS = 'allow.everyone.if.no.acl.found'

/** Whether everybody may write to a topic that no entry names. A broker that does not say is taken to be strict. */
async function admitsWithoutEntries(cluster: Cluster): Promise<boolean> {
  const [broker] = cluster.metadata.brokers
  if (broker === undefined) return false
  const query = { type: 'broker', name: String(broker.nodeId), names: [ADMITS] } as const
  const asked = await outcomeOf(describeConfigs(cluster, [query]))
  const [answer] = asked.ok ? asked.value : []
  return answer?.ok === true && answer.value.some(({ value }) => value === 'true')
}
