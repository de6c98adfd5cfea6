import { systemClock } from '../base/clock.ts'
import { Cluster } from '../client/cluster.ts'
import { named } from './errors.ts'
import { faultOfDamage } from './mirrors/damage.ts'
import type { TopicPartition } from './port.ts'
import { DestinationAdapter } from './ports/destination.ts'
import { SourceAdapter } from './ports/source.ts'
import { sumLag, unknownLag } from './report/lag.ts'
import { type Assignment, Division, workerName } from './share/assignment.ts'
import { workersOf } from './share/roster.ts'
import { Told } from './share/told.ts'
import type { LinkSpec } from './spec.ts'
import type { MirrorRecord } from './state/records.ts'
import { readState } from './state/store.ts'
import type { StateView } from './state/view.ts'
import {
  type Lag,
  type LinkStatus,
  type MirrorStatus,
  nothingCounted,
  type PartitionStatus,
} from './status.ts'
import { isTurned } from './turn/direction.ts'

/**
 * Status of a link from its two clusters, for when no worker runs here: lag in records is exact; faults, seconds and
 * groups are what the workers elsewhere tell, bytes and rates are not known. Writes nothing.
 * @throws KmcError when a cluster cannot be reached.
 */
export async function observeLink(spec: LinkSpec): Promise<LinkStatus> {
  await using one = await Cluster.connect(spec.source)
  await using other = await Cluster.connect(spec.destination)
  const [source, destination] = (await isTurned(spec.name, one, other)) ? [other, one] : [one, other]
  const status = await observeBetween(spec.name, source, destination, await readState(destination))
  return { ...status, from: source.name, to: destination.name }
}

/** The same over connections that are there already. */
export async function observeBetween(
  link: string,
  source: Cluster,
  destination: Cluster,
  state: StateView | null,
): Promise<LinkStatus> {
  const record = state?.link(link) ?? null
  const mirrors = state?.mirrors(link) ?? []
  const sides = { source: new SourceAdapter(source), destination: new DestinationAdapter(destination) }
  await Promise.all([sides.source.refresh(), sides.destination.refresh()])
  const work = record?.desired === 'active' ? await workersOf(destination, link) : null
  const told = new Told(state?.reports(link) ?? [], work?.generation ?? null)
  const scene = { sides, told, ownerOf: ownersIn(work), resting: record?.desired === 'paused' }
  const statuses = await Promise.all(mirrors.map((mirror) => observeMirror(mirror, scene)))
  const now = systemClock.now()
  const broken = statuses.find((mirror) => mirror.fault !== null)
  const fault = work === null ? null : (told.fault() ?? broken?.fault ?? null)
  const works = fault === null ? 'active' : 'faulted'
  return {
    link,
    state: record?.desired === 'paused' ? 'paused' : work === null ? 'stopped' : works,
    generation: work?.generation ?? state?.lease(link)?.generation ?? null,
    workers: (work?.members ?? []).map((member) => {
      return { name: workerName(member), leads: member.id === work?.leader, self: false }
    }),
    lag: lagOf(statuses, now),
    rate: { recordsPerSecond: 0, bytesPerSecond: 0 },
    fault,
    mirrors: statuses.sort((a, b) => a.topic.localeCompare(b.topic)),
    groups: told.groups(),
    counters: nothingCounted,
    budget: null,
  }
}

type Sides = { readonly source: SourceAdapter; readonly destination: DestinationAdapter }
type Scene = {
  readonly sides: Sides
  readonly told: Told
  /** The name of the worker that copies a partition of the source. */
  readonly ownerOf: (at: TopicPartition) => string | null
  readonly resting: boolean
}

function ownersIn(work: Assignment | null): Scene['ownerOf'] {
  if (work === null) return () => null
  const division = new Division(work.members)
  const leading = work.members.find(({ id }) => id === work.leader)
  const copiesAlone = work.gaps === 'transactions' ? leading : undefined
  return (at) => workerName(copiesAlone ?? division.ownerOf(at))
}

function lagOf(parts: readonly { readonly lag: Lag }[], now: number): Lag {
  return parts.length === 0
    ? unknownLag(now)
    : sumLag(
        parts.map(({ lag }) => lag),
        now,
      )
}

async function observeMirror(record: MirrorRecord, scene: Scene): Promise<MirrorStatus> {
  const { topic, mirror } = record
  const numbers = Array.from({ length: scene.sides.destination.partitionsOf(mirror) }, (_, number) => number)
  const partitions = await Promise.all(numbers.map((partition) => observePartition(record, partition, scene)))
  const whole = scene.told.faultOf(topic, null)?.fault ?? null
  const broken = partitions.find(({ fault }) => fault !== null)
  const stands = whole !== null || partitions.some(({ state }) => state === 'faulted')
  const copied = scene.resting ? 'paused' : stands ? 'faulted' : 'active'
  return {
    topic,
    mirror,
    state: record.state === 'active' ? copied : record.state,
    lag: lagOf(partitions, systemClock.now()),
    fault: whole === null ? (broken?.fault ?? null) : named(whole, { link: record.link, topic }),
    partitions,
  }
}

async function observePartition(
  { link, topic, mirror, damage }: MirrorRecord,
  partition: number,
  { sides, told, ownerOf }: Scene,
): Promise<PartitionStatus> {
  const at = { topic, partition }
  const [here, there] = await Promise.all([
    endOf(at, sides.source),
    endOf({ topic: mirror, partition }, sides.destination),
  ])
  const worker = ownerOf(at)
  const now = systemClock.now()
  const records = here === null || there === null ? null : Math.max(0, here - there)
  const late = worker === null ? null : told.secondsBehind(worker, topic, partition, now)
  const lag = { records, bytes: records === 0 ? 0 : null, seconds: records === 0 ? 0 : late, at: now }
  const damaged = damage.find((known) => known.partition === partition)
  const found = told.faultOf(topic, partition)
  const one = damaged === undefined ? (found?.fault ?? null) : faultOfDamage(damaged)
  const fault = one === null ? null : named(one, { link, topic })
  const state = damaged !== undefined || found?.stands === true ? 'faulted' : 'active'
  const sourceSeenAt = here === null ? null : now
  return { partition, state, worker, sourceEnd: here, destinationEnd: there, sourceSeenAt, lag, fault }
}

/** The source's last stable offset or the destination's log end; null when the leader does not answer for it. */
async function endOf(at: TopicPartition, side: SourceAdapter | DestinationAdapter): Promise<number | null> {
  const node = side.leaderOf(at)
  if (node === null) return null
  const [answer] = side instanceof SourceAdapter ? await side.ranges(node, [at]) : await ends(side, node, at)
  return answer === undefined || answer.errorCode !== 0 ? null : answer.end
}

async function ends(side: DestinationAdapter, node: number, at: TopicPartition) {
  const answers = await side.visibleEnds(node, [at])
  return answers.map(({ errorCode, offset }) => ({ errorCode, end: offset }))
}
