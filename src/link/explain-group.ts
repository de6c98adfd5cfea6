import { messageOf } from '../base/error.ts'
import { describeGroups } from '../client/admin/describe-groups.ts'
import { fetchOffsets } from '../client/admin/group-offsets.ts'
import { listGroups } from '../client/admin/list-groups.ts'
import { fetchShareOffsets } from '../client/admin/share-offsets.ts'
import { Cluster } from '../client/cluster.ts'
import { type ListedOffset, listOffsets, type OffsetPoint } from '../client/list-offsets.ts'
import { type Outcome, unwrap } from '../client/outcome.ts'
import {
  explainGroup,
  type GroupExplanation,
  type GroupSide,
  type MirroredPartition,
} from './groups/explain.ts'
import type { TopicPartition } from './port.ts'
import type { LinkSpec } from './spec.ts'
import type { MirrorRecord } from './state/records.ts'
import { readState } from './state/store.ts'

const LIMITS = { timeoutMs: 10_000 }

/** Asks both clusters why a group's positions are or are not in step. Writes nothing. @throws when one is not there */
export async function explainGroupOf(spec: LinkSpec, group: string): Promise<GroupExplanation> {
  await using source = await Cluster.connect(spec.source)
  await using destination = await Cluster.connect(spec.destination)
  const state = await readState(destination)
  const record = state?.link(spec.name) ?? null
  const [here, there] = await Promise.all([sideOf(source, group), sideOf(destination, group)])
  const topics = new Set(here.there === true ? here.positions.map(({ topic }) => topic) : [])
  const mirrors = (state?.mirrors(spec.name) ?? []).filter(({ topic }) => topics.has(topic))
  const note = state?.owned(spec.name).get(`group/${group}`)
  const entries = note?.kind === 'group' ? Object.entries(note.offsets) : null
  const written = entries?.flatMap(([mirror, partitions]) =>
    Object.entries(partitions).map(([partition, offset]) => [`${mirror}-${partition}`, offset] as const),
  )
  return explainGroup({
    group,
    link: {
      name: spec.name,
      from: source.name,
      to: destination.name,
      groups: spec.groups,
      topics: spec.topics,
    },
    state: record === null ? 'absent' : record.desired,
    source: here,
    destination: there,
    mirrored: await mirroredPartitions(mirrors, source, destination),
    written: written === undefined ? null : new Map(written),
  })
}

async function sideOf(cluster: Cluster, group: string): Promise<GroupSide> {
  try {
    const { groups, failures } = await listGroups(cluster, LIMITS)
    const found = groups.find(({ groupId }) => groupId === group)
    if (found === undefined) {
      const [failure] = failures
      return failure === undefined ? { there: false } : { there: null, why: failure.error.message }
    }
    const isShare = found.type === 'share'
    const [positions] = isShare
      ? await fetchShareOffsets(cluster, [group], LIMITS)
      : await fetchOffsets(cluster, [{ groupId: group }], LIMITS)
    const [described] = isShare ? [] : await describeGroups(cluster, [group], LIMITS)
    const idle = found.state === 'Empty' || found.state === 'Dead'
    const members = described?.ok ? described.value.members.length : idle ? 0 : 1
    const begun = unwrap(positions!).filter(({ offset }) => offset >= 0)
    return { there: true, type: found.type, state: found.state, members, positions: begun }
  } catch (error) {
    return { there: null, why: messageOf(error) }
  }
}

async function mirroredPartitions(
  mirrors: readonly MirrorRecord[],
  source: Cluster,
  destination: Cluster,
): Promise<MirroredPartition[]> {
  await destination.refresh('all', LIMITS)
  const all = mirrors.flatMap(({ topic, mirror }) => {
    const partitions = destination.metadata.topic(mirror)?.partitions ?? []
    return partitions.map(({ partition }) => ({ topic, mirror, partition }))
  })
  const named = all.map(({ mirror: topic, partition }) => ({ topic, partition }))
  const [sourceEnds, starts, ends] = await Promise.all([
    offsetsAt(source, all, 'end'),
    offsetsAt(destination, named, 'start'),
    offsetsAt(destination, named, 'end'),
  ])
  return all.map((at, index) => ({
    ...at,
    sourceEnd: sourceEnds[index] ?? null,
    mirrorStart: starts[index] ?? null,
    mirrorEnd: ends[index] ?? null,
  }))
}

async function offsetsAt(
  cluster: Cluster,
  partitions: readonly TopicPartition[],
  at: OffsetPoint,
): Promise<(number | null)[]> {
  const queries = partitions.map(({ topic, partition }) => ({ topic, partition, at }))
  const outcomes: Outcome<ListedOffset>[] = await listOffsets(cluster, queries, LIMITS)
  return outcomes.map((outcome) => (outcome.ok ? outcome.value.offset : null))
}
