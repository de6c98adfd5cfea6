import type { PartitionCopier } from '../copier/partition.ts'
import type { Copying } from '../copy/copying.ts'
import type { Fault, Lag, MirrorState, MirrorStatus, PartitionStatus } from '../status.ts'
import { sumLag, unknownLag } from './lag.ts'

/** An end of the source that is older than this says nothing about the lag now. */
const BELIEVED_MS = 15_000

/** A mirror as the report needs it: its names, and what stands in the way of copying it at all. */
export type MirrorView = {
  readonly topic: string
  readonly mirror: string
  readonly seeding: boolean
  readonly fault: Fault | null
  readonly partitions: readonly PartitionCopier[]
}

export function mirrorStatus(view: MirrorView, copying: Copying): MirrorStatus {
  const now = copying.clock.now()
  const partitions = view.partitions.map((copier) => partitionStatus(copier, copying, now))
  const broken = partitions.find((partition) => partition.fault !== null)
  const fault = view.fault ?? broken?.fault ?? null
  const stands = view.fault !== null || partitions.some((partition) => partition.state === 'faulted')
  const state = stands ? 'faulted' : view.seeding ? 'seeding' : 'active'
  const lag =
    partitions.length === 0
      ? unknownLag(now)
      : sumLag(
          partitions.map((p) => p.lag),
          now,
        )
  return { topic: view.topic, mirror: view.mirror, state, lag, fault, partitions }
}

function partitionStatus(copier: PartitionCopier, copying: Copying, now: number): PartitionStatus {
  const latest = copying.ends.latest(copier)
  return {
    partition: copier.at.partition,
    state: stateOf(copier),
    sourceEnd: latest?.end ?? null,
    destinationEnd: copier.confirmed,
    lag: partitionLag(copier, copying, now),
    fault: copier.fault ?? copying.strikes.waitsFor(copier),
  }
}

function stateOf(copier: PartitionCopier): MirrorState {
  if (copier.phase === 'faulted') return 'faulted'
  return copier.phase === 'stopped' ? 'paused' : 'active'
}

/** Bytes are what the offsets lacking would weigh if they were like those that this worker has copied so far. */
function partitionLag(copier: PartitionCopier, copying: Copying, now: number): Lag {
  const latest = copying.ends.latest(copier)
  const { confirmed } = copier
  if (latest === null || confirmed === null || now - latest.at > BELIEVED_MS) return unknownLag(now)
  const records = Math.max(0, latest.end - confirmed)
  const perOffset = copying.counters.bytesPerOffset
  const bytes = records === 0 ? 0 : perOffset === null ? null : Math.round(records * perOffset)
  const next = copier.queue.first()
  const oldest = next?.kind === 'batch' ? next.timestamp : copier.reachedTimestamp
  const behindMs = copying.ends.behindMs(copier, confirmed, oldest, now)
  return { records, bytes, seconds: behindMs === null ? null : behindMs / 1000, at: latest.at }
}
