import type { Clock } from '../base/clock.ts'
import { messageOf } from '../base/error.ts'
import type { Cluster } from '../client/cluster.ts'
import { initProducerId } from '../client/producer-id.ts'
import { linkCodeOf, linkError } from './errors.ts'
import type { LinkSpec } from './spec.ts'
import type { LinkRecord } from './state/records.ts'
import type { StateStore } from './state/store.ts'

/** A producer id of the link's own on the destination. */
async function newIdentity(destination: Cluster): Promise<{ producerId: number; producerEpoch: number }> {
  try {
    return await initProducerId(destination)
  } catch (cause) {
    const code = linkCodeOf(cause)
    if (code === null) throw cause
    throw linkError(
      code,
      `a producer id on ${destination.name} needs WRITE on a topic: ${messageOf(cause)}`,
      { cause },
    )
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
export async function ensureRecord({
  store,
  spec,
  source,
  destination,
  clock,
}: LinkGround): Promise<LinkRecord> {
  await store.refresh()
  const known = store.view.link(spec.name)
  refuseOtherSource(known, spec, source)
  const identity =
    known !== null && known.producerId !== null && known.producerEpoch !== null
      ? { producerId: known.producerId, producerEpoch: known.producerEpoch }
      : await newIdentity(destination)
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
