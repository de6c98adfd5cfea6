import type { GroupDescription, GroupMember } from '../../../client/admin/group-description.ts'
import type { CommittedOffset } from '../../../client/admin/group-offsets.ts'
import type { ListedGroup } from '../../../client/admin/list-groups.ts'
import { partitionName, type TopicPartition } from '../../../client/partition.ts'
import { judgeGroup, judgePartition } from '../../burrow/evaluate.ts'
import { CommitWindow } from '../../burrow/window.ts'
import { lagAt, totalLag } from '../../lag/lag.ts'
import type { Trouble } from '../aged.ts'
import type { GroupPartitionView, GroupView } from '../view.ts'
import type { PartitionLog } from './partition-log.ts'

type Position = {
  readonly log: PartitionLog
  /** Null where it is only assigned, or the broker let it go. */
  offset: number | null
  /** When it was last heard of through the log of commits. */
  heardAt: number
  readonly window: CommitWindow
}

type LogOf = (partition: TopicPartition) => PartitionLog

/** One group as it is followed: what it is, where it stands, and what led there. No I/O. */
export class FollowedGroup {
  readonly groupId: string
  readonly #logOf: LogOf
  readonly #positions = new Map<string, Position>()
  listed: ListedGroup | null = null
  /** When it was in a list, or committed. */
  seenAt: number
  description: GroupDescription | null = null
  describedAt: number | null = null
  positionsAt: number | null = null
  /** A commit was seen since its positions were read. */
  hasNews = false
  trouble: Trouble | null = null
  #owners: ReadonlyMap<string, GroupMember> = new Map()
  #lastCommitAt: number | null = null

  constructor(groupId: string, at: number, logOf: LogOf) {
    this.groupId = groupId
    this.seenAt = at
    this.#logOf = logOf
  }

  /** Logs of partitions it has something to do with. */
  get logs(): PartitionLog[] {
    return [...this.#positions.values()].map(({ log }) => log)
  }

  /** Somebody has joined and was not assigned anything yet, or there is too little for all. */
  get hasIdleMember(): boolean {
    return this.description?.members.some(({ assignment }) => assignment?.length === 0) ?? false
  }

  describe(description: GroupDescription, at: number): void {
    this.description = description
    this.describedAt = at
    const owners = new Map<string, GroupMember>()
    for (const member of description.members) {
      for (const { topic, partitions } of member.assignment ?? []) {
        for (const partition of partitions) {
          owners.set(partitionName({ topic, partition }), member)
          this.#at({ topic, partition })
        }
      }
    }
    this.#owners = owners
  }

  /** A commit that was seen in the log; `offset` null: the broker let the position go. `isPast`: before we looked. */
  committed(
    partition: TopicPartition,
    offset: number | null,
    when: { at: number; now: number; isPast: boolean },
  ): void {
    const position = this.#at(partition)
    position.offset = offset
    position.heardAt = when.now
    if (offset === null) return
    this.hasNews = true
    this.#lastCommitAt = Math.max(this.#lastCommitAt ?? 0, when.at)
    position.window.note(offset, when.at, when.isPast ? null : position.log.end, when.now)
  }

  /**
   * All positions, asked for at `askedAt`. What was heard of since counts more. Where commits are not seen themselves
   * (`isPolled`), a position that has moved is one.
   */
  positioned(
    offsets: readonly CommittedOffset[],
    times: { askedAt: number; now: number; isPolled: boolean },
  ): void {
    const left = new Set(this.#positions.keys())
    for (const { topic, partition, offset } of offsets) {
      if (offset < 0) continue
      left.delete(partitionName({ topic, partition }))
      const position = this.#at({ topic, partition })
      if (position.heardAt >= times.askedAt) continue
      if (times.isPolled && position.offset !== offset) {
        this.#lastCommitAt = times.now
        position.window.note(offset, times.now, position.log.end, times.now)
      }
      position.offset = offset
    }
    for (const name of left) this.#letGo(name, times.askedAt)
    this.positionsAt = times.now
    this.hasNews = false
    this.trouble = null
  }

  view(listed: ListedGroup, now: number): GroupView {
    const partitions = [...this.#positions.entries()]
      .map(([name, position]) => viewOf(position, this.#owners.get(name) ?? null, now))
      .sort((a, b) => (a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition))
    const committed = partitions.filter(({ position }) => position !== null)
    const { status, complete } = judgeGroup(
      committed.map((one) => ({ status: one.verdict, complete: one.complete })),
    )
    const { groupId, type, protocolType, state, coordinator } = listed
    return {
      ...{ groupId, type, protocolType, state, coordinator, partitions, complete },
      members: this.description?.members ?? null,
      lag: totalLag(committed.map(({ lag }) => lag)),
      verdict: status,
      lastCommitAt: this.#lastCommitAt,
      at: this.positionsAt,
      trouble: this.trouble,
    }
  }

  #at(partition: TopicPartition): Position {
    const name = partitionName(partition)
    let position = this.#positions.get(name)
    if (position === undefined) {
      position = { log: this.#logOf(partition), offset: null, heardAt: 0, window: new CommitWindow() }
      this.#positions.set(name, position)
    }
    return position
  }

  /** The group has no position there (any more). What it is assigned stays in view. */
  #letGo(name: string, askedAt: number): void {
    const position = this.#positions.get(name)!
    if (position.heardAt >= askedAt) return
    position.offset = null
    if (!this.#owners.has(name)) this.#positions.delete(name)
  }
}

function viewOf(
  { log, offset, window }: Position,
  owner: GroupMember | null,
  now: number,
): GroupPartitionView {
  const { topic, partition, start, end, times, perOffset } = log
  const { commits } = window
  const lag = lagAt(offset ?? -1, { end, times, perOffset }, now)
  const { status, complete } = judgePartition({ commits, ends: log.ends, currentLag: lag.records ?? 0 }, now)
  const ends = { commits, first: commits[0] ?? null, last: commits.at(-1) ?? null }
  return { topic, partition, position: offset, start, end, lag, verdict: status, complete, ...ends, owner }
}
