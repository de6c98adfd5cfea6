import type { TravelStatus } from './travel/status.ts'

/** Lag at one instant. `null` means not known, never 0. `bytes` is estimated from the recent bytes per offset. */
export type Lag = {
  readonly records: number | null
  readonly bytes: number | null
  readonly seconds: number | null
  /** When it was measured, milliseconds since the epoch. */
  readonly at: number
}

export type MirrorState =
  | 'seeding'
  | 'active'
  | 'paused'
  | 'faulted'
  | 'promoting'
  | 'promoted'
  | 'failed-over'
export type LinkState = 'starting' | 'active' | 'paused' | 'faulted' | 'stopped'

/** Why something stands still: a code of docs/reference/errors.md, what was seen, and what to do. */
export type Fault = {
  readonly code: string
  readonly message: string
  readonly remedy: string
  readonly evidence: Readonly<Record<string, unknown>>
  readonly since: number
}

export type PartitionStatus = {
  readonly partition: number
  readonly state: MirrorState
  /** The worker that copies it, as `host/process`; null when not known. */
  readonly worker: string | null
  /** The source's last stable offset and the next offset of the mirror; null when not known. */
  readonly sourceEnd: number | null
  readonly destinationEnd: number | null
  /** When the source's end was seen, however long ago: it stays known when the source is gone. */
  readonly sourceSeenAt?: number | null
  readonly lag: Lag
  readonly fault: Fault | null
}

export type MirrorStatus = {
  /** Name on the source, and on the destination. */
  readonly topic: string
  readonly mirror: string
  readonly state: MirrorState
  readonly lag: Lag
  readonly fault: Fault | null
  readonly partitions: readonly PartitionStatus[]
}

export type GroupStatus = {
  readonly group: string
  /** `in-step`: as last read; `waiting`: the data it rests on is not there; `active`: in use on the destination. */
  readonly state: 'in-step' | 'waiting' | 'active' | 'faulted'
  readonly partitions: number
  /** When the positions now on the destination were read at the source; null when none was written yet. */
  readonly asOf: number | null
  readonly fault: Fault | null
}

/** Counts since the worker started; nothing that a record suffers goes uncounted. */
export type LinkCounters = {
  readonly records: number
  readonly bytes: number
  /** Bytes of records as they came from the source, those counted that were dropped and fetched again. */
  readonly fetchedBytes: number
  readonly batches: number
  /** Offsets filled with markers: aborted, compacted and control records of the source. */
  readonly gapOffsets: number
  /** Batches that had to be re-encoded (holes, LogAppendTime, old formats). */
  readonly recutBatches: number
  /** Small batches of the source that went over inside a larger one. */
  readonly mergedBatches: number
  /** Times a partition read its position again from the destination. */
  readonly recoveries: number
}

/** How much a link may take at once. */
export type LinkBudget = {
  /** Bytes a second that its workers may fetch now; null where there is no limit. */
  readonly bytesPerSecond: number | null
  /** Whether fetching waited for the limit in the last two seconds, and how long in all. */
  readonly limited: boolean
  readonly limitedSeconds: number
  /** Bytes of records that workers hold: fetched, and not confirmed by the destination yet. */
  readonly heldBytes: number
}

export const nothingCounted: LinkCounters = {
  records: 0,
  bytes: 0,
  fetchedBytes: 0,
  batches: 0,
  gapOffsets: 0,
  recutBatches: 0,
  mergedBatches: 0,
  recoveries: 0,
}

/** How often a fault or an event came up since the worker started; `code` is one of docs/reference/errors.md. */
export type FaultCount = {
  readonly code: string
  readonly count: number
  readonly firstAt: number
  readonly lastAt: number
  /** What was said last. */
  readonly message: string
}

/** One of the processes or threads that share a link. */
export type LinkWorkerStatus = {
  /** `host/process`, and `.thread` beyond the first. */
  readonly name: string
  /** Looks after mirrors, settings and group positions. */
  readonly leads: boolean
  /** The one that tells this. */
  readonly self: boolean
}

export type LinkStatus = {
  readonly link: string
  /** The clusters as the link runs now; absent: as declared. */
  readonly from?: string
  readonly to?: string
  readonly state: LinkState
  readonly generation: number | null
  /** Who shares the link in this generation; empty while that is being settled, or not known. */
  readonly workers: readonly LinkWorkerStatus[]
  /** How gaps are filled: by markers, or, without the right to write them, by empty transactions. */
  readonly gaps?: 'markers' | 'transactions'
  readonly lag: Lag
  /** Of this worker. */
  readonly rate: { readonly recordsPerSecond: number; readonly bytesPerSecond: number }
  readonly fault: Fault | null
  readonly mirrors: readonly MirrorStatus[]
  /** Known to the worker that leads. */
  readonly groups: readonly GroupStatus[]
  /** Of this worker. */
  readonly counters: LinkCounters
  /** What travels beside records and positions; null while no worker says so. */
  readonly travel?: TravelStatus | null
  /** null where nobody copies. */
  readonly budget: LinkBudget | null
  /** Faults and events by code, those that are over too; absent where no worker counts. */
  readonly faultCounts?: readonly FaultCount[]
}
