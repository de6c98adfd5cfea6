import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Copying } from '../copy/copying.ts'
import type { GroupSource } from '../groups/port.ts'
import type { GroupSync } from '../groups/sync.ts'
import type { Mirror } from '../mirrors/mirror.ts'
import type { MirrorDestination } from '../mirrors/port.ts'
import type { DestinationPort, SourcePort, TopicPartition } from '../port.ts'
import type { Others } from '../share/others.ts'
import type { Share } from '../share/share.ts'
import type { Told } from '../share/told.ts'
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
  readonly share: Share
  /** Ends of what other workers copy, and what these say of it. */
  readonly others: Others
  readonly told: () => Told
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

/** What stops each partition now, whoever copies it: a fault of its own, else that of the whole mirror. */
export function faultsOf(house: Household, mirror: Mirror): Map<number, Fault> {
  const told = house.told()
  const found = new Map<number, Fault>()
  for (const at of partitionsOf(mirror)) {
    const own = ownerOf(house, mirror, at.partition) === null
    const one = own ? house.copying.copierOf(at)?.fault : toldFault(told, mirror, at.partition)
    const fault = one ?? mirror.fault
    if (fault !== null) found.set(at.partition, fault)
  }
  return found
}

function toldFault(told: Told, mirror: Mirror, partition: number): Fault | null {
  const found = told.faultOf(mirror.topic, partition)
  return mirror.notes.damageTo(partition) ?? (found?.stands === true ? found.fault : null)
}

/** The name of another worker that copies the partition; null where it is this one. */
export function ownerOf({ share }: Household, { topic }: Mirror, partition: number): string | null {
  return share.otherOwnerOf({ topic, partition })
}

/** Up to where a partition of the mirror holds what it should, as far as this worker knows. */
export function reachedBy({ copying, others }: Household, at: TopicPartition): number | null {
  return copying.copierOf(at)?.confirmed ?? others.destinationEnd(at)
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
