import type { Clock } from '../base/clock.ts'
import type { Log } from '../base/log.ts'
import type { Counters } from './copy/counters.ts'
import type { HeldRecords } from './copy/held-records.ts'
import type { GroupDestination, GroupSource } from './groups/port.ts'
import type { MirrorContext } from './mirrors/mirror.ts'
import type { MirrorDestination, MirrorSource } from './mirrors/port.ts'
import type { DestinationPort, MarkerWriter, SourcePort, TopicPartition } from './port.ts'
import type { Share } from './share/share.ts'
import type { LinkSpec } from './spec.ts'
import type { IntentRecord, ReceiptRecord } from './state/intents.ts'
import type { EpochRecord, FindingRecord, MirrorRecord, StateChange } from './state/records.ts'
import type { ReportRecord } from './state/reports.ts'
import type { TravelPorts } from './travel/travel.ts'

/** Everything of the two clusters that a session works with; real clusters and models both fit. */
export type SessionPorts = {
  readonly source: SourcePort & MirrorSource
  readonly destination: DestinationPort & MirrorDestination
  readonly groupSource: GroupSource
  readonly groupDestination: GroupDestination
  /** Share groups; left out: they stay where they are. */
  readonly shareSource?: GroupSource
  readonly shareDestination?: GroupDestination
  readonly destinationClusterId: string
  /** Left out: nothing travels but records and positions. */
  readonly travel?: TravelPorts
}

export type SessionOptions = {
  readonly spec: LinkSpec
  readonly ports: SessionPorts
  readonly writer: MarkerWriter
  /** The worker's part of the link in this generation. */
  readonly share: Share
  readonly state: SessionState
  /** What operators want of single mirrors, and where the receipts go; left out: nobody asks for anything. */
  readonly intents?: {
    readonly list: () => readonly IntentRecord[]
    readonly saveReceipt: (receipt: ReceiptRecord) => Promise<void>
  }
  /** What the workers tell of their shares; left out: nobody is there to tell. */
  readonly reports?: {
    readonly list: () => readonly ReportRecord[]
    /** `null` ends what the worker of that name has told. */
    readonly save: (worker: string, record: ReportRecord | null) => Promise<void>
  }
  /** Why a mirror of this name may not be made; left out: there are no other links. */
  readonly claimed?: MirrorContext['claimed']
  /** Of what this worker did in earlier sessions, to go on counting. */
  readonly counters?: Counters
  /** What this worker holds it shares with other links of its process; left out: with none. */
  readonly held?: HeldRecords
  readonly clock: Clock
  readonly log: Log
}

/** What a session reads of `__kmc_state` and writes to it. */
export type SessionState = {
  mirror(topic: string): MirrorRecord | null
  mirrors(): readonly MirrorRecord[]
  findings(): readonly FindingRecord[]
  saveMirror(record: MirrorRecord): Promise<void>
  /** Ends what is known of the mirror of a topic. */
  forgetMirror(topic: string): Promise<void>
  /** `null` ends the finding. */
  saveFinding(at: TopicPartition, record: FindingRecord | null): Promise<void>
  /** The source's leader epochs in what was copied of a partition, as of the last `refresh`. */
  epochs(at: TopicPartition): ReadonlyMap<number, EpochRecord>
  saveEpochs(changes: readonly (StateChange & { readonly kind: 'epoch' })[]): Promise<void>
  /** Reads to the end of the log. */
  refresh(): Promise<void>
}
