import type { PartitionCopier } from '../copier/partition.ts'
import type { Copying } from '../copy/copying.ts'
import { isReleased } from '../mirrors/life.ts'
import type { Mirror } from '../mirrors/mirror.ts'
import type { LinkSession } from '../session.ts'
import { Told } from '../share/told.ts'
import type { Lag, MirrorState, MirrorStatus, PartitionStatus } from '../status.ts'
import { sumLag, unknownLag } from './lag.ts'

/** An end of the source that is older than this says nothing about the lag now. */
const BELIEVED_MS = 15_000
const NOTHING_TOLD = new Told([], null)

/** `told` is what other workers say of theirs; without it only this worker's share is judged. */
export function mirrorStatus(mirror: Mirror, session: LinkSession, told: Told = NOTHING_TOLD): MirrorStatus {
  const { topic, name } = mirror
  const now = session.copying.clock.now()
  const numbers = Array.from({ length: mirror.readyPartitions }, (_, partition) => partition)
  const partitions = numbers.flatMap((partition) => {
    const copier = session.copying.copierOf({ topic: name, partition })
    const worker = session.holderOf(topic, partition)
    const atRest = session.others.destinationEnd({ topic: name, partition })
    const seen = { worker, now, life: mirror.state, atRest }
    if (copier !== null) return partitionStatus(copier, session.copying, seen)
    return session.isOwn(topic, partition) ? [] : otherStatus(mirror, partition, session, told)
  })
  const broken = partitions.find((partition) => partition.fault !== null)
  const whole = mirror.fault ?? told.faultOf(topic, null)?.fault ?? null
  const fault = whole ?? broken?.fault ?? null
  const stands = whole !== null || partitions.some((partition) => partition.state === 'faulted')
  const state = stateOfMirror(mirror, stands)
  const lag =
    partitions.length === 0
      ? unknownLag(now)
      : sumLag(
          partitions.map((p) => p.lag),
          now,
        )
  return { topic, mirror: name, state, lag, fault, partitions }
}

/** A partition that another worker copies, as both clusters show it and as that worker tells. */
function otherStatus(mirror: Mirror, partition: number, session: LinkSession, told: Told): PartitionStatus {
  const { copying, others } = session
  const now = copying.clock.now()
  const {
    sourceEnd = null,
    destinationEnd = null,
    at = now,
  } = others.ends({ topic: mirror.name, partition }) ?? {}
  const worker = session.holderOf(mirror.topic, partition)
  const damage = mirror.notes.damageTo(partition)
  const found = told.faultOf(mirror.topic, partition)
  const fault = damage ?? found?.fault ?? null
  const known = sourceEnd !== null && destinationEnd !== null && now - at <= BELIEVED_MS
  const records = known ? Math.max(0, sourceEnd - destinationEnd) : null
  const seconds = records === 0 ? 0 : told.secondsBehind(worker, mirror.topic, partition, now)
  const lag = { records, bytes: bytesOf(records, copying), seconds, at }
  const stands = damage !== null || found?.stands === true
  const state = stands ? 'faulted' : mirror.copies ? 'active' : mirror.state
  const sourceSeenAt = sourceEnd === null ? null : at
  return { partition, state, worker, sourceEnd, destinationEnd, sourceSeenAt, lag, fault }
}

type Seen = {
  readonly worker: string
  readonly now: number
  readonly life: MirrorState
  /** Where the mirror ends, of a partition that has rested since this worker began. */
  readonly atRest: number | null
}

function partitionStatus(
  copier: PartitionCopier,
  copying: Copying,
  { worker, now, life, atRest }: Seen,
): PartitionStatus {
  const confirmed = copier.confirmed ?? atRest
  const latest = copying.ends.latest(copier)
  return {
    partition: copier.at.partition,
    state: stateOf(copier, life),
    worker,
    sourceEnd: latest?.end ?? null,
    destinationEnd: confirmed,
    sourceSeenAt: latest?.at ?? null,
    lag: partitionLag(copier, copying, { confirmed, now }),
    fault: copier.fault ?? copying.strikes.waitsFor(copier),
  }
}

/** A mirror that stands still on purpose is called so; a fault of one that is copied is what counts there. */
function stateOfMirror({ state: life, seeding }: Mirror, stands: boolean): MirrorState {
  if (life === 'paused' || life === 'promoting' || isReleased(life)) return life
  if (stands) return 'faulted'
  return seeding ? 'seeding' : 'active'
}

function stateOf(copier: PartitionCopier, life: MirrorState): MirrorState {
  if (copier.phase === 'faulted') return 'faulted'
  if (isReleased(life)) return life
  return copier.phase === 'stopped' ? 'paused' : 'active'
}

/** What the offsets lacking would weigh if they were like those that this worker has copied so far. */
function bytesOf(records: number | null, { counters }: Copying): number | null {
  if (records === null || records === 0) return records
  const { records: copied, gapOffsets, bytes } = counters
  return copied === 0 ? null : Math.round((records * bytes) / (copied + gapOffsets))
}

type Position = { readonly confirmed: number | null; readonly now: number }

function partitionLag(copier: PartitionCopier, copying: Copying, { confirmed, now }: Position): Lag {
  const latest = copying.ends.latest(copier)
  if (latest === null || confirmed === null || now - latest.at > BELIEVED_MS) return unknownLag(now)
  const records = Math.max(0, latest.end - confirmed)
  const bytes = bytesOf(records, copying)
  const next = copier.queue.first()
  const oldest = next?.kind === 'batch' ? next.timestamp : copier.reachedTimestamp
  const behindMs = copying.ends.behindMs(copier, confirmed, oldest, now)
  return { records, bytes, seconds: behindMs === null ? null : behindMs / 1000, at: latest.at }
}
