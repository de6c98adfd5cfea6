import type { GroupListing } from '../../../client/admin/list-groups.ts'
import { partitionName, type TopicPartition } from '../../../client/partition.ts'
import type { Breather } from '../breather.ts'
import type { LoggedCommit } from '../commits/decode.ts'
import type { GroupView } from '../view.ts'
import { FollowedGroup } from './group.ts'
import { PartitionLog } from './partition-log.ts'

/** How often what cannot be seen to change is asked for all the same. */
const REFRESH_MS = 30_000
const REFRESH_EMPTY_MS = 600_000

/** All groups of a cluster and the logs that they read; says what has to be asked next. No I/O. */
export class GroupBook {
  readonly #groups = new Map<string, FollowedGroup>()
  readonly #logs = new Map<string, PartitionLog>()
  /** Commits may not be read themselves: a group that may commit is asked for its positions each time. */
  isPolled = false

  group(groupId: string): FollowedGroup | undefined {
    return this.#groups.get(groupId)
  }

  /** A list of all groups, asked for at `askedAt`: what is not in it is gone, unless its coordinator did not answer. */
  listed({ groups, failures }: GroupListing, askedAt: number): void {
    for (const listed of groups) {
      const group = this.#follow(listed.groupId, askedAt)
      if (listed.state !== group.listed?.state) group.describedAt = null
      group.listed = listed
      group.seenAt = askedAt
    }
    const silent = new Set(failures.map(({ node }) => node))
    for (const [groupId, { seenAt, listed }] of this.#groups) {
      if (seenAt < askedAt && !silent.has(listed?.coordinator ?? -1)) this.#groups.delete(groupId)
    }
  }

  committed(commit: LoggedCommit, when: { at: number; now: number; isPast: boolean }): void {
    const { groupId, offset } = commit
    // What the past tells of a group that is gone by now would bring it back.
    if (!this.#groups.has(groupId) && (when.isPast || offset === null)) return
    const group = this.#follow(groupId, when.now)
    group.seenAt = Math.max(group.seenAt, when.now)
    group.committed(commit, offset, when)
  }

  /** Groups whose members have to be asked for: new or changed ones, those that wait for work, and all now and then. */
  toDescribe(now: number): FollowedGroup[] {
    return this.#listedWhere(({ describedAt, listed, hasIdleMember }) => {
      const after = listed!.state === 'Empty' ? REFRESH_EMPTY_MS : REFRESH_MS
      return describedAt === null || hasIdleMember || now - describedAt >= after
    })
  }

  /** Groups whose positions have to be read. */
  toPosition(now: number): FollowedGroup[] {
    return this.#listedWhere(({ positionsAt, listed, hasNews }) => {
      if (positionsAt === null || hasNews || now - positionsAt >= REFRESH_MS) return true
      return (this.isPolled || listed!.type === 'share') && listed!.state !== 'Empty'
    })
  }

  /** Logs that a group reads; others are forgotten. */
  logs(): PartitionLog[] {
    const read = new Set<PartitionLog>()
    for (const group of this.#groups.values()) for (const log of group.logs) read.add(log)
    for (const [name, log] of this.#logs) if (!read.has(log)) this.#logs.delete(name)
    return [...read]
  }

  async sized(bytesOf: ReadonlyMap<string, number>, breather: Breather): Promise<void> {
    for (const [name, log] of this.#logs) {
      const bytes = bytesOf.get(name)
      if (bytes !== undefined) log.sized(bytes)
      await breather.rest()
    }
  }

  async views(now: number, breather: Breather): Promise<Map<string, GroupView>> {
    const views = new Map<string, GroupView>()
    for (const group of [...this.#groups.values()]) {
      if (group.listed !== null) views.set(group.groupId, group.view(group.listed, now))
      await breather.rest()
    }
    return views
  }

  #listedWhere(test: (group: FollowedGroup) => boolean): FollowedGroup[] {
    return [...this.#groups.values()].filter((group) => group.listed !== null && test(group))
  }

  #follow(groupId: string, at: number): FollowedGroup {
    let group = this.#groups.get(groupId)
    if (group === undefined) {
      group = new FollowedGroup(groupId, at, (partition) => this.#log(partition))
      this.#groups.set(groupId, group)
    }
    return group
  }

  #log({ topic, partition }: TopicPartition): PartitionLog {
    const name = partitionName({ topic, partition })
    let log = this.#logs.get(name)
    if (log === undefined) {
      log = new PartitionLog(topic, partition)
      this.#logs.set(name, log)
    }
    return log
  }
}
