import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Copying } from '../copy/copying.ts'
import type { GroupSource } from '../groups/port.ts'
import type { GroupSync } from '../groups/sync.ts'
import type { Mirror } from '../mirrors/mirror.ts'
import type { MirrorDestination } from '../mirrors/port.ts'
import type { DestinationPort, SourcePort, TopicPartition } from '../port.ts'
import type { IntentRecord, ReceiptRecord } from '../state/intents.ts'
import type { Fault } from '../status.ts'

/** What obeying an intent needs of the session that it happens in. */
export type Household = {
  readonly link: string
  readonly source: SourcePort
  readonly groupSource: GroupSource
  readonly destination: DestinationPort & MirrorDestination
  readonly copying: Copying
  readonly groups: GroupSync
  /** The mirror of a source topic that the link knows. */
  readonly mirrorOf: (topic: string) => Mirror | null
  /** Lets the copying follow a changed state of the mirror; resolves when nothing is on its way that should not be. */
  readonly settle: (mirror: Mirror) => Promise<void>
  /** Whether no worker has copied the mirror since all of them last began. */
  readonly restedBefore: (mirror: Mirror) => boolean
  readonly saveReceipt: (receipt: ReceiptRecord) => Promise<void>
  readonly clock: Clock
  readonly log: Log
}

/** An intent with the mirror that it is about. */
export type Errand = { readonly intent: IntentRecord; readonly mirror: Mirror }

/** The partitions of a mirror that exist on both sides. */
export function partitionsOf(mirror: Mirror): TopicPartition[] {
  return Array.from({ length: mirror.partitions }, (_, partition) => ({ topic: mirror.name, partition }))
}

/** What stops each partition now: a fault of its own, else that of the whole mirror. */
export function faultsOf({ copying }: Household, mirror: Mirror): Map<number, Fault> {
  const found = new Map<number, Fault>()
  for (const at of partitionsOf(mirror)) {
    const one = copying.copierOf(at)?.fault ?? mirror.fault
    if (one !== null) found.set(at.partition, one)
  }
  return found
}

/** A receipt of the errand with what every one has. */
export function receiptOf(
  { intent, mirror }: Errand,
  now: number,
  what: Pick<ReceiptRecord, 'verb' | 'text' | 'partitions'>,
): ReceiptRecord {
  const { id, link, topic, by, at } = intent
  return { id, link, topic, mirror: mirror.name, by, requestedAt: at, doneAt: now, ...what }
}
