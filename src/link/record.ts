import { randomInt } from 'node:crypto'
import type { Clock } from '../base/clock.ts'
import type { Cluster } from '../client/cluster.ts'
import { raiseProducerIds } from '../client/raise-producer-ids.ts'
import { linkError } from './errors.ts'
import type { LinkSpec } from './spec.ts'
import type { LinkRecord } from './state/records.ts'
import type { StateStore } from './state/store.ts'

/**
 * Producer ids of links lie where no broker ever gets: brokers count up from 0, and take any id that a writer names. So
 * a link never meets a client of the destination, nor one of the source that moves over with the id it has.
 */
const OWN_IDS_FROM = 2 ** 52
const OWN_IDS = 2 ** 47

/** A producer id of the link's own, unlike those of the other links to this destination. */
function newIdentity(store: StateStore): { producerId: number; producerEpoch: number } {
  const taken = new Set(store.links().map((link) => link.producerId))
  for (;;) {
    const producerId = OWN_IDS_FROM + randomInt(OWN_IDS)
    if (!taken.has(producerId)) return { producerId, producerEpoch: 0 }
  }
}

/** What a link's record is made of. */
export type LinkGround = {
  readonly spec: LinkSpec
  readonly source: Cluster
  readonly destination: Cluster
  readonly store: StateStore
  readonly clock: Clock
}

/**
 * The link's record with a writer identity of its own; both outlive every worker. Called by the leading worker alone:
 * two that write it at once would have two identities. @throws LINK_SOURCE_CHANGED, NOT_AUTHORIZED
 */
export async function ensureRecord({ store, spec, source, clock }: LinkGround): Promise<LinkRecord> {
  await store.refresh()
  const known = store.view.link(spec.name)
  refuseOtherSource(known, spec, source)
  const identity =
    known !== null && known.producerId !== null && known.producerEpoch !== null
      ? { producerId: known.producerId, producerEpoch: known.producerEpoch }
      : newIdentity(store)
  const { name, topics, groups, prefix, start, limit, priority } = spec
  const record: LinkRecord = {
    name,
    topics: [...topics],
    groups: [...groups],
    prefix,
    start: start as LinkRecord['start'],
    ...(spec.travel !== undefined && { travel: spec.travel }),
    source: { name: spec.source.name, clusterId: source.clusterId },
    desired: known?.desired ?? 'active',
    ...identity,
    updatedAt: clock.now(),
    ...(limit !== undefined && { limit: structuredClone(limit) as LinkRecord['limit'] }),
    ...(priority !== undefined && { priority: [...priority] }),
    ...(known?.producerIdsFrom !== undefined && { producerIdsFrom: known.producerIdsFrom }),
  }
  if (
    known === null ||
    JSON.stringify({ ...known, updatedAt: 0 }) !== JSON.stringify({ ...record, updatedAt: 0 })
  ) {
    await store.append({ kind: 'link', name, record })
    await store.refresh()
  }
  return record
}

/** @throws LINK_SOURCE_CHANGED */
export function refuseOtherSource(known: LinkRecord | null, spec: LinkSpec, source: Cluster): void {
  if (known === null || known.source.clusterId === source.clusterId) return
  const { name } = spec
  const was = known.source.clusterId
  const text = `link ${name} was made for cluster ${was}, ${spec.source.name} is ${source.clusterId}`
  throw linkError('LINK_SOURCE_CHANGED', text, { context: { link: name } })
}

/**
 * Lets the destination hand out producer ids only from the link's `producerIdsFrom` on, once, and notes that in the
 * link's record. What is broken off goes on at the next start. @throws what the destination answers
 */
export async function raiseIdsOnce(
  { spec, destination, store }: LinkGround,
  stopping: () => boolean,
): Promise<number> {
  const from = spec.producerIdsFrom ?? 0
  const known = store.view.link(spec.name)
  if (from === 0 || known === null || (known.producerIdsFrom ?? 0) >= from) return 0
  const taken = await raiseProducerIds(destination, from, { stopping })
  await store.refresh()
  const record = store.view.link(spec.name)
  if (record !== null && !stopping()) await store.putLink({ ...record, producerIdsFrom: from })
  return taken
}
