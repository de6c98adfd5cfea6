import type { CommitRefusal, GroupAnswer, GroupDestination, GroupSource } from '../../src/link/groups/port.ts'
import type { Position } from '../../src/link/groups/position.ts'
import type { TopicPartition } from '../../src/link/port.ts'
import { ErrorCode } from '../../src/wire/error-codes.ts'
import type { ClusterAccess } from './access.ts'

const GROUPS_MS = 10_000

/** Groups at the source. */
export class SimGroupSource implements GroupSource {
  readonly #access: ClusterAccess

  constructor(access: ClusterAccess) {
    this.#access = access
  }

  list(): Promise<readonly string[]> {
    return this.#access.anywhere('groups', GROUPS_MS, () => [...this.#access.cluster.groups.positions.keys()])
  }

  positions(groups: readonly string[]): Promise<readonly GroupAnswer[]> {
    return positionsOf(this.#access, groups)
  }

  async highWatermarks(partitions: readonly TopicPartition[]): Promise<readonly number[]> {
    const { cluster } = this.#access
    const found = await this.#access.anywhere('high watermarks', GROUPS_MS, () =>
      partitions.map(({ topic, partition }) => {
        return cluster.topics.get(topic)?.partitions[partition]?.log.highWatermark ?? null
      }),
    )
    if (found.includes(null)) throw new Error('a partition does not answer')
    return found.map((offset) => offset ?? 0)
  }
}

/** Groups at the destination. */
export class SimGroupDestination implements GroupDestination {
  readonly #access: ClusterAccess

  constructor(access: ClusterAccess) {
    this.#access = access
  }

  positions(groups: readonly string[]): Promise<readonly GroupAnswer[]> {
    return positionsOf(this.#access, groups)
  }

  active(groups: readonly string[]): Promise<ReadonlySet<string>> {
    const { active } = this.#access.cluster.groups
    return this.#access.anywhere('active groups', GROUPS_MS, () => {
      return new Set(groups.filter((group) => active.has(group)))
    })
  }

  commit(group: string, positions: readonly Position[]): Promise<readonly CommitRefusal[]> {
    const { groups } = this.#access.cluster
    const words = positions.map(({ topic, partition, offset }) => `${topic}-${partition}@${offset}`)
    return this.#access.anywhere(`commit ${group} ${words}`, GROUPS_MS, () => {
      if (groups.active.has(group)) {
        return positions.map(({ topic, partition }) => ({
          topic,
          partition,
          errorCode: ErrorCode.UNKNOWN_MEMBER_ID,
        }))
      }
      for (const position of positions) groups.commit(group, position, this.#access.owner.name)
      return []
    })
  }
}

function positionsOf(access: ClusterAccess, groups: readonly string[]): Promise<readonly GroupAnswer[]> {
  return access.anywhere('positions', GROUPS_MS, () =>
    groups.map((group) => ({ group, positions: access.cluster.groups.of(group) })),
  )
}
