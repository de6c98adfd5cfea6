import { systemClock } from '../base/clock.ts'
import { Cluster } from '../client/cluster.ts'
import { named } from './errors.ts'
import { faultOfDamage } from './mirrors/damage.ts'
import type { TopicPartition } from './port.ts'
import { DestinationAdapter } from './ports/destination.ts'
import { SourceAdapter } from './ports/source.ts'
import { sumLag, unknownLag } from './report/lag.ts'
import type { LinkSpec } from './spec.ts'
import type { LinkRecord, MirrorRecord } from './state/records.ts'
import { readState } from './state/store.ts'
import type { StateView } from './state/view.ts'
import { type LinkStatus, type MirrorStatus, nothingCounted, type PartitionStatus } from './status.ts'
import { directionBetween, runsElsewhere } from './turn/direction.ts'

/**
 * Status of a link as the two clusters alone show it, for when no worker runs here: lag in records is exact, bytes and
 * seconds are not known; of faults those that are kept on the destination. Writes nothing.
 * @throws KmcError when a cluster cannot be reached.
 */
export async function observeLink(spec: LinkSpec): Promise<LinkStatus> {
  await using one = await Cluster.connect(spec.source)
  await using other = await Cluster.connect(spec.destination)
  const direction = await directionBetween(spec.name, [one, other])
  const [source, destination] = runsElsewhere(direction, other.clusterId) ? [other, one] : [one, other]
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
  const statuses = await Promise.all(mirrors.map((mirror) => observeMirror(mirror, record, sides)))
  const now = systemClock.now()
  return {
    link,
    state: record?.desired === 'paused' ? 'paused' : 'stopped',
    generation: state?.lease(link)?.generation ?? null,
    workers: [],
    lag:
      statuses.length === 0
        ? unknownLag(now)
        : sumLag(
            statuses.map(({ lag }) => lag),
            now,
          ),
    rate: { recordsPerSecond: 0, bytesPerSecond: 0 },
    fault: null,
    mirrors: statuses.sort((a, b) => a.topic.localeCompare(b.topic)),
    groups: [],
    counters: nothingCounted,
    budget: null,
  }
}

type Sides = { readonly source: SourceAdapter; readonly destination: DestinationAdapter }

async function observeMirror(
  record: MirrorRecord,
  link: LinkRecord | null,
  sides: Sides,
): Promise<MirrorStatus> {
  const { topic, mirror } = record
  const known = sides.destination.partitionsOf(mirror)
  const damaged = new Map(record.damage.map((damage) => [damage.partition, faultOfDamage(damage)]))
  const partitions = await Promise.all(
    Array.from({ length: known }, async (_, partition) => {
      const seen = await observePartition({ topic, mirror, partition }, sides)
      const fault = damaged.get(partition)
      if (fault === undefined) return seen
      return { ...seen, state: 'faulted' as const, fault: named(fault, { link: record.link, topic }) }
    }),
  )
  const fault = partitions.find((partition) => partition.fault !== null)?.fault ?? null
  const now = systemClock.now()
  const resting = link?.desired === 'paused' ? 'paused' : fault === null ? 'active' : 'faulted'
  return {
    topic,
    mirror,
    state: record.state === 'active' ? resting : record.state,
    lag:
      partitions.length === 0
        ? unknownLag(now)
        : sumLag(
            partitions.map(({ lag }) => lag),
            now,
          ),
    fault,
    partitions,
  }
}

type Where = { readonly topic: string; readonly mirror: string; readonly partition: number }

async function observePartition({ topic, mirror, partition }: Where, sides: Sides): Promise<PartitionStatus> {
  const [here, there] = await Promise.all([
    endOf({ topic, partition }, sides.source),
    endOf({ topic: mirror, partition }, sides.destination),
  ])
  const records = here === null || there === null ? null : Math.max(0, here - there)
  const nothing = records === 0 ? 0 : null
  const lag = { records, bytes: nothing, seconds: nothing, at: systemClock.now() }
  return {
    partition,
    state: 'active',
    worker: null,
    sourceEnd: here,
    destinationEnd: there,
    lag,
    fault: null,
  }
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
