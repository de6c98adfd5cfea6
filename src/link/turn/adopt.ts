import { systemClock } from '../../base/clock.ts'
import { strandedRecords } from '../evidence.ts'
import { damageOf } from '../mirrors/damage.ts'
import { isReleased } from '../mirrors/life.ts'
import type { LinkRecord, MirrorRecord, StateChange } from '../state/records.ts'
import type { Side } from './side.ts'

/** What became of one topic of the old source when the link was turned. */
export type Adopted = {
  readonly topic: string
  /** Offsets that exist here only, by partition: nothing is copied over them. */
  readonly stranded: readonly StrandedRange[]
}

export type StrandedRange = {
  readonly partition: number
  readonly from: number
  readonly to: number
  /** Of these, records that clients had been told of; only where the failover of a route has counted them. */
  readonly acknowledged?: number
}

/**
 * Makes mirrors of the topics that a link was copied from: what was let go on its old destination (`source`) goes on
 * being written there, and comes back here. A log that ends where the mirror was let go, or before, holds nothing
 * that the other side has not, and goes on at its own end; one that ends later has stranded records, and stands with
 * a fault.
 * May be repeated until the link runs that way.
 */
export async function adopt(link: string, source: Side, here: Side): Promise<readonly Adopted[]> {
  const released = source.store.view.mirrors(link).filter(({ state }) => isReleased(state))
  const looking = released.map(async (record) => await lookAt(link, record, source, here))
  const found = (await Promise.all(looking)).flatMap((one) => one ?? [])
  const known = here.store.view.link(link)
  const changes: StateChange[] = found.flatMap(({ record }): StateChange[] => [
    // What was once wanted of a mirror of this name was wanted of another one.
    { kind: 'intent', name: link, topic: record.topic, record: null },
    { kind: 'mirror', name: link, topic: record.topic, record },
  ])
  if (known !== null) changes.unshift({ kind: 'link', name: link, record: anew(known, source) })
  await here.store.appendAll(changes)
  await here.store.refresh()
  return found.map(({ record, stranded }) => ({ topic: record.topic, stranded }))
}

/** A link that ran this way before: its writer was ended when it was turned, so it gets another one. */
function anew(known: LinkRecord, { cluster }: Side): LinkRecord {
  const source = { name: cluster.name, clusterId: cluster.clusterId }
  const identity = { producerId: null, producerEpoch: null }
  return { ...known, source, ...identity, desired: 'active', updatedAt: systemClock.now() }
}

type Found = { readonly record: MirrorRecord; readonly stranded: Adopted['stranded'] }

/** Null where the topic is gone, or another one: then it is made, or refused, as any other. */
async function lookAt(link: string, was: MirrorRecord, source: Side, here: Side): Promise<Found | null> {
  // Without a prefix both sides have one name for it.
  const name = was.mirror
  const topic = here.cluster.metadata.topic(name)
  if (topic === undefined || topic.topicId !== was.sourceTopicId) return null
  if (source.cluster.metadata.topic(name)?.topicId !== was.mirrorTopicId) return null
  const partitions = topic.partitions.length
  const ranges = await here.port.logRanges({ name, id: topic.topicId, partitions })
  const receipt = source.store.view.receipts(link, was.topic).findLast(({ id }) => id === was.answer?.intent)
  const stranded = ranges.flatMap(({ end }, partition): StrandedRange[] => {
    const from = was.promotedAt?.[partition] ?? 0
    const acknowledged = receipt?.partitions.find((one) => one.partition === partition)?.lost
    const range = { partition, from, to: end, ...(acknowledged !== undefined && { acknowledged }) }
    return end > from ? [range] : []
  })
  const record: MirrorRecord = {
    ...{
      link,
      topic: name,
      mirror: name,
      sourceTopicId: was.mirrorTopicId,
      mirrorTopicId: was.sourceTopicId,
    },
    ...{ state: 'seeding', closing: false, promotedAt: null, answer: null, withheld: {}, producerIds: [] },
    accepted: [],
    start: ranges.map(() => 0),
    adopted: ranges.map(({ end }) => end),
    damage: stranded.map((range) => damageOf(range.partition, strandedRecords({ topic: name, ...range }))),
  }
  return { record, stranded }
}
