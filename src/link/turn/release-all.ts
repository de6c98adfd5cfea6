import { systemClock } from '../../base/clock.ts'
import { isReleased } from '../mirrors/life.ts'
import type { TopicPartition } from '../port.ts'
import type { IntentRecord, ReceiptRecord } from '../state/intents.ts'
import type { MirrorRecord, StateChange } from '../state/records.ts'
import type { Side } from './side.ts'

/** Who lets the mirrors of a link go, in one go, and as what. */
export type Release = {
  /** The same when it is repeated: what was done under it is not done again. */
  readonly id: string
  readonly verb: 'promote' | 'failover'
  readonly by: IntentRecord['by']
  /** The source's ends as last seen, by topic of the source; null where not known. */
  readonly sourceEnds: (topic: string) => readonly (number | null)[]
  /** Where a partition of a mirror ends as a copy, when that is not where its log ends. */
  readonly endOf?: (at: TopicPartition, end: number) => Promise<number>
}

/** A mirror that is a topic of its own from now on, and what each of its partitions held then. */
export type Released = {
  readonly topic: string
  readonly mirror: string
  readonly partitions: ReceiptRecord['partitions']
}

/**
 * Makes topics of their own of all mirrors of a link that nobody works on any more, in as few writes as can be: clients
 * may be waiting. Mirrors that were still being made stay what they are. @throws MIRROR_FAILED when an end is not known
 */
export async function releaseAll(side: Side, link: string, release: Release): Promise<readonly Released[]> {
  const { port, store } = side
  const held = store.view.mirrors(link).filter(({ state }) => state !== 'seeding' && !isReleased(state))
  const releasing = held.map(async (record) => ({ record, released: await look(side, record, release) }))
  const looked = await Promise.all(releasing)
  const now = systemClock.now()
  const state = release.verb === 'promote' ? 'promoted' : 'failed-over'
  const changes = looked.map(({ record, released }): StateChange => {
    const text = `${record.mirror} was ${release.verb === 'promote' ? 'promoted' : 'failed over'}`
    const answer = { intent: release.id, outcome: 'done', text, at: now } as const
    const promotedAt = released.partitions.map(({ to }) => to)
    const after: MirrorRecord = { ...record, state, closing: false, promotedAt, answer }
    return { kind: 'mirror', name: link, topic: record.topic, record: after }
  })
  await store.appendAll(changes)
  await store.refresh()
  await port.refresh()
  return looked.map(({ released }) => released)
}

async function look({ port }: Side, record: MirrorRecord, { sourceEnds, endOf }: Release): Promise<Released> {
  const { topic, mirror, mirrorTopicId } = record
  const ranges = await port.logRanges({
    name: mirror,
    id: mirrorTopicId,
    partitions: port.partitionsOf(mirror),
  })
  const ends = sourceEnds(topic)
  const partitions = ranges.map(async ({ start, end }, partition) => {
    const to = endOf === undefined ? end : await endOf({ topic: mirror, partition }, end)
    return { partition, from: start, to, sourceEnd: ends[partition] ?? null }
  })
  return { topic, mirror, partitions: await Promise.all(partitions) }
}
