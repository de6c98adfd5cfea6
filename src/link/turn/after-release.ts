import { systemClock } from '../../base/clock.ts'
import type { KmcError } from '../../base/error.ts'
import { releaseMirrors } from '../mirrors/release.ts'
import { OwnedNotes, TravelAdapter } from '../ports/travel.ts'
import type { ReceiptRecord } from '../state/intents.ts'
import type { StateChange } from '../state/records.ts'
import { handOver } from '../travel/hand-over.ts'
import type { Release, Released } from './release-all.ts'
import type { Side } from './side.ts'

/**
 * What is left to do for topics that were let go, while clients use them already: a receipt each, the settings of their
 * source, and the grants to write that were held back. May be repeated. Gives what the cluster refused.
 */
export async function settleReleased(
  { cluster, store }: Side,
  link: string,
  { id, verb, by }: Pick<Release, 'id' | 'verb' | 'by'>,
  released: readonly Released[],
): Promise<readonly KmcError[]> {
  const now = systemClock.now()
  const receipts = released.map(({ topic, mirror, partitions }): StateChange => {
    const ends = partitions.map(({ to }) => to).join(', ')
    const text = `${mirror} was ${verb === 'promote' ? 'promoted' : 'failed over'} with its whole link at ${ends}`
    const record: ReceiptRecord = {
      id,
      link,
      topic,
      mirror,
      verb,
      by,
      requestedAt: now,
      doneAt: now,
      text,
      partitions,
    }
    return { kind: 'receipt', name: link, topic, record }
  })
  await store.appendAll(receipts)
  await store.refresh()
  const topics = new Set(released.map(({ topic }) => topic))
  const records = store.view.mirrors(link).filter(({ topic }) => topics.has(topic))
  const refused = await releaseMirrors(cluster, records)
  const kept = await handOver(new TravelAdapter(cluster), new OwnedNotes(cluster, link), {
    topics,
    last: true,
  })
  return [...refused.map(({ error }) => error), ...kept]
}
