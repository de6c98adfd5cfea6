import {
  explainGroup,
  type GroupExplanation,
  type GroupSide,
  type MirroredPartition,
  type PartitionExplanation,
} from '../../../link/groups/explain.ts'
import { clamp } from '../../../link/groups/position.ts'
import { nameMatcher } from '../../../link/names.ts'
import { sumKnown } from '../../../link/report/lag.ts'
import type { FailoverKind } from '../../run/course.ts'
import type { GroupFacts, LogFacts, PlanFacts, SideFacts } from '../facts.ts'
import type { GroupForecast, GroupPositionForecast } from '../plan.ts'
import { mirrorsOf } from './loss.ts'

/**
 * Where every group would go on. Groups of the active cluster, all of them: also one that the link does not take loses
 * its place. Where that cluster is gone, the groups of the link at the target.
 */
export function forecastGroups(facts: PlanFacts, kind: FailoverKind): GroupForecast[] {
  if (facts.spec === null || !facts.to.told) return []
  const scene = new Scene(facts, kind)
  return scene.groups().map((group) => scene.forecast(group))
}

class Scene {
  readonly #facts: PlanFacts
  readonly #kind: FailoverKind
  readonly #here: ReadonlyMap<string, GroupFacts> | null
  readonly #there: ReadonlyMap<string, GroupFacts> | null
  /** By the topic's name at the active cluster. */
  readonly #mirrored: ReadonlyMap<string, readonly MirroredPartition[]>

  constructor(facts: PlanFacts, kind: FailoverKind) {
    this.#facts = facts
    this.#kind = kind
    this.#here = facts.from.told ? byName(facts.from.value) : null
    this.#there = facts.to.told ? byName(facts.to.value) : null
    this.#mirrored = mirroredPartitions(facts)
  }

  groups(): string[] {
    const all = this.#here ?? this.#there ?? new Map<string, GroupFacts>()
    const takes = nameMatcher(this.#facts.spec!.groups)
    const names = [...all.keys()].filter((group) => this.#here !== null || takes(group))
    return names.sort()
  }

  forecast(group: string): GroupForecast {
    const here = this.#here?.get(group)
    const there = this.#there?.get(group)
    const explained = this.#explain(group, here, there)
    const partitions = explained.partitions.map((one) => this.#position(one, explained))
    const known = here ?? there!
    const seen = this.#facts.lastSeen?.groups.find((one) => one.group === group)
    const isUnknown = here === undefined
    return {
      group,
      type: known.type,
      state: known.state,
      members: known.members,
      clients: known.clients,
      reRead: isUnknown ? null : sumKnown(partitions.map(({ reRead }) => reRead)),
      skipped: isUnknown ? null : sumKnown(partitions.map(({ skipped }) => skipped)),
      verdict: explained.reason,
      words: explained.words,
      asOf: seen?.asOf ?? null,
      partitions: isUnknown ? this.#atTarget(there) : partitions,
    }
  }

  #explain(group: string, here: GroupFacts | undefined, there: GroupFacts | undefined): GroupExplanation {
    const { spec, link, from, to } = this.#facts
    const { name, groups, topics } = spec!
    const record = link.told ? link.value : null
    const sides = [from, to].map((side) => (side.told ? null : side.why))
    const wanted = (here?.positions ?? []).map(({ topic }) => topic)
    return explainGroup({
      group,
      link: { name, from: spec!.source.name, to: spec!.destination.name, groups, topics },
      state: record === null ? 'absent' : record.desired,
      source: groupSide(here, sides[0] ?? null),
      destination: groupSide(there, sides[1] ?? null),
      mirrored: [...new Set(wanted)].flatMap((topic) => this.#mirrored.get(topic) ?? []),
      written: record?.written.get(group) ?? null,
    })
  }

  /**
   * A switchover copies positions once more after the drain, so they become the source's own, within the mirror; what
   * somebody else moves or holds stays as it is. A failover takes what is there.
   */
  #position(one: PartitionExplanation, { reason }: GroupExplanation): GroupPositionForecast {
    const { topic, partition, source, destination, reason: why } = one
    const at = this.#mirrored.get(topic)?.find((mirrored) => mirrored.partition === partition)
    const isCopied = this.#kind === 'switchover' && !STAYS.includes(reason)
    const range = at === undefined ? null : rangeOf(at, isCopied)
    const target = range === null ? null : isCopied ? clamp(source, range) : within(destination, range)
    const log = this.#logOf(topic, partition)
    // Where nothing is copied to, a client starts by its `auto.offset.reset`: nobody knows what that is.
    if (target === null) return { topic, partition, source, target, reRead: null, skipped: null, why }
    const upTo = Math.min(source, range!.end)
    const readFrom = Math.max(source, log?.start ?? source)
    const skipped = target > readFrom ? target - readFrom : 0
    return { topic, partition, source, target, reRead: Math.max(0, upTo - target), skipped, why }
  }

  #atTarget(there: GroupFacts | undefined): GroupPositionForecast[] {
    return (there?.positions ?? []).map(({ topic, partition, offset }) => {
      return { topic, partition, source: null, target: offset, reRead: null, skipped: null, why: 'unknown' }
    })
  }

  #logOf(topic: string, partition: number): LogFacts | undefined {
    const { from } = this.#facts
    return from.told ? from.value.logs.get(`${topic}-${partition}`) : undefined
  }
}

/** Verdicts under which the link leaves the positions at the target alone. */
const STAYS: readonly string[] = [
  'not-matched',
  'active-at-destination',
  'other-type-at-destination',
  'moved-at-destination',
]

function byName({ groups }: SideFacts): Map<string, GroupFacts> | null {
  return groups.told ? new Map(groups.value.map((group) => [group.group, group])) : null
}

function groupSide(group: GroupFacts | undefined, trouble: string | null): GroupSide {
  if (trouble !== null) return { there: null, why: trouble }
  if (group === undefined) return { there: false }
  const { type, state, positions, members } = group
  return { there: true, type, state, positions, members: members ?? 1 }
}

/** The mirror as it will be: drained, it ends where the source does. */
function rangeOf({ mirrorStart, mirrorEnd, sourceEnd }: MirroredPartition, isDrained: boolean) {
  const end = isDrained ? (sourceEnd ?? mirrorEnd) : mirrorEnd
  return mirrorStart === null || end === null ? null : { start: mirrorStart, end }
}

function within(position: number | null, range: { readonly start: number; readonly end: number }) {
  return position === null ? null : clamp(position, range)
}

function mirroredPartitions(facts: PlanFacts): Map<string, MirroredPartition[]> {
  const [from, to] = [facts.from, facts.to].map((side) => (side.told ? side.value : null))
  return new Map(
    mirrorsOf(facts).map(({ topic, mirror, start }) => {
      const count = Math.max(start.length, to?.topics.get(mirror)?.partitions ?? 0)
      const partitions = Array.from({ length: count }, (_, partition): MirroredPartition => {
        const here = from?.logs.get(`${topic}-${partition}`)
        const there = to?.logs.get(`${mirror}-${partition}`)
        const [mirrorStart, mirrorEnd] = [there?.start ?? null, there?.end ?? null]
        return { topic, mirror, partition, sourceEnd: here?.end ?? null, mirrorStart, mirrorEnd }
      })
      return [topic, partitions]
    }),
  )
}
