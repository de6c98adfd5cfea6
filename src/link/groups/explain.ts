import { nameMatcher } from '../names.ts'
import type { TopicPartition } from '../port.ts'
import type { NamePatterns } from '../spec.ts'
import { clamp } from './position.ts'

/** A group on one side, as that cluster tells it. */
export type GroupSide =
  | {
      readonly there: true
      readonly type: string
      readonly state: string
      readonly members: number
      readonly positions: readonly (TopicPartition & { readonly offset: number })[]
    }
  | { readonly there: false }
  /** It could not be asked. */
  | { readonly there: null; readonly why: string }

/** One mirrored partition: log starts and ends on both sides; null where nobody answered. */
export type MirroredPartition = TopicPartition & {
  readonly mirror: string
  readonly sourceEnd: number | null
  readonly mirrorStart: number | null
  readonly mirrorEnd: number | null
}

/** Everything that decides whether a group's positions travel; plain data. */
export type GroupScene = {
  readonly group: string
  readonly link: {
    readonly name: string
    readonly from: string
    readonly to: string
    readonly groups: NamePatterns
    readonly topics: NamePatterns
  }
  /** What the link is doing; `absent`: the destination knows no such link. */
  readonly state: 'active' | 'paused' | 'absent'
  readonly source: GroupSide
  readonly destination: GroupSide
  readonly mirrored: readonly MirroredPartition[]
  /** Offsets that the link wrote last, by `mirror-partition`; null where it never wrote any. */
  readonly written: ReadonlyMap<string, number> | null
}

export type GroupReason =
  | 'not-matched'
  | 'link-absent'
  | 'link-paused'
  | 'source-unknown'
  | 'destination-unknown'
  | 'not-at-source'
  | 'no-positions-at-source'
  | 'active-at-destination'
  | 'other-type-at-destination'
  | 'waits-for-data'
  | 'moved-at-destination'
  | 'on-its-way'
  | 'in-step'

export type PartitionReason =
  | 'in-step'
  | 'clamped-to-start'
  | 'clamped-to-end'
  | 'topic-not-taken'
  | 'topic-not-mirrored'
  | 'data-not-arrived'
  | 'moved-at-destination'
  | 'older'
  | 'newer'
  | 'none-yet'
  | 'unknown'

export type PartitionExplanation = TopicPartition & {
  readonly mirror: string | null
  readonly source: number
  readonly destination: number | null
  readonly reason: PartitionReason
  readonly words: string
}

export type GroupExplanation = {
  readonly group: string
  readonly link: string
  readonly inStep: boolean
  readonly reason: GroupReason
  readonly words: string
  readonly partitions: readonly PartitionExplanation[]
}

/** Why a group's positions are or are not in step, as a whole and for each partition that it has a position on. */
export function explainGroup(scene: GroupScene): GroupExplanation {
  const { group, link, source } = scene
  const positions = source.there === true ? source.positions : []
  const partitions = positions.map((position) => explainPartition(scene, position))
  const { reason, words } = judge(scene, partitions)
  const settled = partitions.filter(({ reason: why }) => !OUTSIDE.includes(why))
  const inStep = settled.length > 0 && settled.every(({ reason: why }) => SETTLED.includes(why))
  return { group, link: link.name, inStep, reason, words, partitions }
}

const SETTLED: readonly PartitionReason[] = ['in-step', 'clamped-to-start', 'clamped-to-end']
const OUTSIDE: readonly PartitionReason[] = ['topic-not-taken']

type Verdict = { readonly reason: GroupReason; readonly words: string }

function judge(scene: GroupScene, partitions: readonly PartitionExplanation[]): Verdict {
  return judgeLink(scene) ?? judgeSides(scene) ?? judgePositions(scene, partitions)
}

function judgeLink({ group, link, state }: GroupScene): Verdict | null {
  if (!nameMatcher(link.groups)(group)) {
    const taken = link.groups.length === 0 ? 'no groups' : `the groups ${link.groups.join(' ')}`
    const how = `To have it kept in step, add it to \`groups\` of ${link.name} in the fleet file.`
    return {
      reason: 'not-matched',
      words: `Link ${link.name} takes ${taken}, and ${group} is none of them. ${how}`,
    }
  }
  if (state === 'absent') {
    const words = `${link.to} knows no link ${link.name}: it was never started. \`kmc apply\` starts it.`
    return { reason: 'link-absent', words }
  }
  if (state === 'active') return null
  const words = `Link ${link.name} is paused, so positions stand still. \`kmc link resume ${link.name}\` goes on.`
  return { reason: 'link-paused', words }
}

function judgeSides({ group, link, source, destination }: GroupScene): Verdict | null {
  if (source.there === null) {
    return { reason: 'source-unknown', words: `${group} could not be read on ${link.from}: ${source.why}` }
  }
  if (source.there === false) {
    const words = `There is no group ${group} on ${link.from}, or the link may not see it (DESCRIBE on the group).`
    return { reason: 'not-at-source', words: `${words} It appears with its first commit.` }
  }
  if (source.positions.length === 0) {
    const words = `${group} has no positions on ${link.from}: it never committed, or they expired or were deleted.`
    return { reason: 'no-positions-at-source', words: `${words} What stands on ${link.to} is left as it is.` }
  }
  if (destination.there === null) {
    return {
      reason: 'destination-unknown',
      words: `${group} could not be read on ${link.to}: ${destination.why}`,
    }
  }
  if (destination.there === false) return null
  if (destination.members > 0) {
    const count = destination.members === 1 ? 'a member' : `${destination.members} members`
    const words = `${group} has ${count} on ${link.to}: a group in use is never moved.`
    return { reason: 'active-at-destination', words: `${words} It goes on once they have left.` }
  }
  if ((destination.type === 'share') !== (source.type === 'share')) {
    const words = `${group} is a ${source.type} group on ${link.from} and a ${destination.type} group on ${link.to}.`
    const how = `Kafka keeps one kind under one name: delete the group on ${link.to} to have the other.`
    return { reason: 'other-type-at-destination', words: `${words} ${how}` }
  }
  return null
}

function judgePositions({ group, link }: GroupScene, partitions: readonly PartitionExplanation[]): Verdict {
  const first = (...reasons: PartitionReason[]) => partitions.filter(({ reason }) => reasons.includes(reason))
  const moved = first('moved-at-destination', 'newer')
  if (moved.length > 0) {
    const words = `Somebody moved ${group} on ${link.to} (${namesOf(moved)}), so its positions there are left alone.`
    const how = `To hand them back to the link, delete the group's offsets of those topics on ${link.to}.`
    return { reason: 'moved-at-destination', words: `${words} ${how}` }
  }
  const late = first('data-not-arrived', 'topic-not-mirrored')
  if (late.length > 0) {
    const words = `The positions wait for records that are not on ${link.to} yet: ${namesOf(late)}.`
    return { reason: 'waits-for-data', words: `${words} No position may be ahead of what it rests on.` }
  }
  const behind = first('older', 'none-yet', 'unknown')
  if (behind.length > 0) {
    const words = `The link writes the positions of ${namesOf(behind)} with one of its next rounds, every few seconds.`
    const how = 'They wait for everything that the source had in any mirrored topic when they were read.'
    return { reason: 'on-its-way', words: `${words} ${how}` }
  }
  return {
    reason: 'in-step',
    words: `${group} would continue on ${link.to} where it stands on ${link.from}.`,
  }
}

const NAMES_MAX = 5

function namesOf(partitions: readonly PartitionExplanation[]): string {
  const names = partitions.slice(0, NAMES_MAX).map(({ topic, partition }) => `${topic}-${partition}`)
  const more = partitions.length - names.length
  return more > 0 ? `${names.join(', ')} and ${more} more` : names.join(', ')
}

function explainPartition(
  scene: GroupScene,
  { topic, partition, offset: source }: TopicPartition & { readonly offset: number },
): PartitionExplanation {
  const there = scene.mirrored.find((one) => one.topic === topic && one.partition === partition)
  const mirror = there?.mirror ?? null
  const destination = mirror === null ? null : positionAt(scene.destination, { topic: mirror, partition })
  const { reason, words } = whyOf(scene, { topic, partition, source, destination, there })
  return { topic, partition, mirror, source, destination, reason, words }
}

function positionAt(side: GroupSide, { topic, partition }: TopicPartition): number | null {
  if (side.there !== true) return null
  return side.positions.find((one) => one.topic === topic && one.partition === partition)?.offset ?? null
}

type Compared = TopicPartition & {
  readonly source: number
  readonly destination: number | null
  readonly there: MirroredPartition | undefined
}
type Why = { readonly reason: PartitionReason; readonly words: string }

function whyOf({ link, written, destination: side }: GroupScene, compared: Compared): Why {
  const { topic, partition, source, destination, there } = compared
  if (!nameMatcher(link.topics)(topic)) {
    return { reason: 'topic-not-taken', words: `${topic} is not a topic of link ${link.name}` }
  }
  if (there === undefined) return { reason: 'topic-not-mirrored', words: `${topic} has no mirror yet` }
  const { mirror, mirrorStart: start, mirrorEnd: end } = there
  if (start === null || end === null || side.there === null) {
    return { reason: 'unknown', words: `${link.to} does not answer for it` }
  }
  const target = clamp(source, { start, end })
  // Beyond the source's own end nothing can arrive; below it, everything must have.
  if (end < source && (there.sourceEnd === null || source <= there.sourceEnd)) {
    const words = `the mirror has come to ${end}, the position is ${source}: ${source - end} offsets are missing`
    return { reason: 'data-not-arrived', words }
  }
  if (destination === target) return clamped({ source, target, start, mirror })
  if (destination === null) return { reason: 'none-yet', words: 'no position was written yet' }
  const ours = written?.get(`${mirror}-${partition}`) ?? null
  if (ours !== null && destination < ours) {
    const words = `it was moved back from ${ours}, which the link had written, to ${destination}`
    return { reason: 'moved-at-destination', words }
  }
  if (destination > target) {
    if (ours === destination) return { reason: 'older', words: `the source has gone back to ${source} since` }
    return { reason: 'newer', words: `it is ${destination - target} offsets ahead: somebody read on there` }
  }
  return { reason: 'older', words: `it is ${target - destination} offsets older than at the source` }
}

function clamped(at: { source: number; target: number; start: number; mirror: string }): Why {
  const { source, target, start, mirror } = at
  if (target === source) return { reason: 'in-step', words: 'the same on both sides' }
  if (target === start && source < start) {
    const words = `the source has ${source}, but ${mirror} begins at ${start}`
    return { reason: 'clamped-to-start', words: `${words}: what lies before is gone or was never copied` }
  }
  return {
    reason: 'clamped-to-end',
    words: `the source has ${source}, beyond its end: ${mirror} ends at ${target}`,
  }
}
