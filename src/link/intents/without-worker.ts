import { randomUUID } from 'node:crypto'
import { systemClock } from '../../base/clock.ts'
import type { Cluster } from '../../client/cluster.ts'
import { isReleased } from '../mirrors/life.ts'
import { releaseMirrors } from '../mirrors/release.ts'
import { DestinationAdapter } from '../ports/destination.ts'
import { OwnedNotes, TravelAdapter } from '../ports/travel.ts'
import type { IntentRecord, ReceiptRecord } from '../state/intents.ts'
import { claimLease } from '../state/lease.ts'
import type { LinkRecord, MirrorRecord } from '../state/records.ts'
import type { StateStore } from '../state/store.ts'
import { handOver } from '../travel/hand-over.ts'

/** A worker that is there after all sees within this time that it was overtaken, and sends nothing more. */
const WORKER_LETS_GO_MS = 4_000

/**
 * Fails mirrors over where no worker answers: the machine of the source and of the link may be one, and gone. The lease
 * is taken first, so that a worker that wakes up later is fenced and finds the mirrors let go.
 */
export async function failOverWithoutWorker(
  cluster: Cluster,
  store: StateStore,
  link: LinkRecord,
  intents: readonly IntentRecord[],
): Promise<void> {
  await claimLease(store, { link: link.name, workerId: randomUUID(), now: systemClock.now() })
  await systemClock.sleep(WORKER_LETS_GO_MS)
  await store.refresh()
  await cluster.refresh('all')
  const notes = new OwnedNotes(cluster, link.name)
  for (const intent of intents) {
    const record = store.view.mirror(link.name, intent.topic)
    if (record === null || record.answer?.intent === intent.id) continue
    await failOver({ cluster, store, notes }, record, intent)
    await store.refresh()
  }
  await store.refresh()
}

type Scene = { readonly cluster: Cluster; readonly store: StateStore; readonly notes: OwnedNotes }

async function failOver(
  { cluster, store, notes }: Scene,
  record: MirrorRecord,
  intent: IntentRecord,
): Promise<void> {
  const { link, topic, mirror } = record
  const save = (change: Partial<MirrorRecord>) =>
    store.append({ kind: 'mirror', name: link, topic, record: { ...record, ...change } })
  const now = systemClock.now()
  const answer = { intent: intent.id, outcome: 'working', text: 'failing over', at: now } as const
  await save({ state: 'failed-over', answer })
  const destination = new DestinationAdapter(cluster)
  const info = { name: mirror, id: record.mirrorTopicId, partitions: destination.partitionsOf(mirror) }
  const ranges = await destination.logRanges(info)
  const partitions = ranges.map(({ start, end }, partition) => {
    return { partition, from: start, to: end, sourceEnd: null }
  })
  const missing = 'no worker of the link answered, so how much of the source is missing is not known'
  const text = `${mirror} was failed over at ${ranges.map(({ end }) => end).join(', ')}: ${missing}`
  const { id, by, at } = intent
  const times = { by, requestedAt: at, doneAt: now }
  const receipt: ReceiptRecord = { id, link, topic, mirror, verb: 'failover', ...times, text, partitions }
  await store.append({ kind: 'receipt', name: link, topic, record: receipt })
  const [refused] = await releaseMirrors(cluster, [record])
  if (refused !== undefined) throw refused.error
  const others = store.view.mirrors(link).filter((one) => one.topic !== topic)
  const last = others.every(({ state }) => isReleased(state))
  // Not a reason to hold a failover up: the topic serves readers, and the words say what its writers lack.
  const [lacking] = await handOver(new TravelAdapter(cluster), notes, { topics: new Set([topic]), last })
  const rights = lacking === undefined ? '' : `; grants to write were not handed over: ${lacking.message}`
  await save({ state: 'failed-over', answer: { ...answer, outcome: 'done', text: text + rights } })
}
