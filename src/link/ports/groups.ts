import type { Cluster } from '../../client/cluster.ts'
import { listOffsets } from '../../client/list-offsets.ts'
import { unwrap } from '../../client/outcome.ts'
import { OffsetCommit } from '../../wire/apis/008-offset-commit.ts'
import { OffsetFetch } from '../../wire/apis/009-offset-fetch.ts'
import { ListGroups } from '../../wire/apis/016-list-groups.ts'
import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import { linkError } from '../errors.ts'
import type { CommitRefusal, GroupDestination, GroupSource } from '../groups/port.ts'
import type { GroupPositions, Position } from '../groups/position.ts'
import type { TopicPartition } from '../port.ts'

const TIMEOUT_MS = 10_000
/** The last versions that name topics by name: positions are of names, on both sides. */
const OFFSET_FETCH_VERSION = 8
const OFFSET_COMMIT_VERSION = 8
/** Share groups keep no positions of the kind that OffsetFetch gives (KIP-932). */
const WITHOUT_POSITIONS = new Set(['share'])

/** A real cluster as the side where positions are read. */
export class GroupSourceAdapter implements GroupSource {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  async list(): Promise<string[]> {
    const groups = await listGroups(this.#cluster)
    return groups.filter(({ groupType }) => !WITHOUT_POSITIONS.has(groupType)).map(({ groupId }) => groupId)
  }

  positions(groups: readonly string[]): Promise<GroupPositions[]> {
    return fetchPositions(this.#cluster, groups)
  }

  async highWatermarks(partitions: readonly TopicPartition[]): Promise<number[]> {
    const queries = partitions.map(({ topic, partition }) => ({ topic, partition, at: 'end' }) as const)
    const outcomes = await listOffsets(this.#cluster, queries, { timeoutMs: TIMEOUT_MS })
    return outcomes.map((outcome) => unwrap(outcome).offset)
  }
}

/** A real cluster as the side where positions are written. */
export class GroupDestinationAdapter implements GroupDestination {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  positions(groups: readonly string[]): Promise<GroupPositions[]> {
    return fetchPositions(this.#cluster, groups)
  }

  async active(groups: readonly string[]): Promise<ReadonlySet<string>> {
    const wanted = new Set(groups)
    const present = (await listGroups(this.#cluster)).filter(({ groupId }) => wanted.has(groupId))
    const used = present.filter(({ groupState }) => groupState !== 'Empty' && groupState !== 'Dead')
    return new Set(used.map(({ groupId }) => groupId))
  }

  async commit(group: string, positions: readonly Position[]): Promise<readonly CommitRefusal[]> {
    const node = await this.#cluster.coordinator('group', group)
    const topics = [...Map.groupBy(positions, ({ topic }) => topic)].map(([name, found]) => ({
      name,
      partitions: found.map(({ partition, offset, metadata }) => ({
        partitionIndex: partition,
        committedOffset: offset,
        committedLeaderEpoch: -1,
        committedMetadata: metadata,
      })),
    }))
    const body = { groupId: group, generationIdOrMemberEpoch: -1, memberId: '', topics }
    const route = { node, version: OFFSET_COMMIT_VERSION, timeoutMs: TIMEOUT_MS }
    const answer = await this.#cluster.request(OffsetCommit, body, route)
    const refusals = answer.topics.flatMap(({ name: topic, partitions }) =>
      partitions
        .filter(({ errorCode }) => errorCode !== 0)
        .map(({ partitionIndex: partition, errorCode }) => ({ topic, partition, errorCode })),
    )
    if (refusals.some(({ errorCode }) => errorCode === ErrorCode.NOT_COORDINATOR)) {
      this.#cluster.forgetCoordinator('group', group)
    }
    return refusals
  }
}

/** Every broker lists the groups that it coordinates. */
async function listGroups(cluster: Cluster) {
  const asks = cluster.metadata.brokers.map(async ({ nodeId }) => {
    const body = { statesFilter: [], typesFilter: [] }
    const answer = await cluster.request(ListGroups, body, { node: nodeId, timeoutMs: TIMEOUT_MS })
    accept(answer.errorCode, `groups of broker ${nodeId} of ${cluster.name}`)
    return answer.groups
  })
  return (await Promise.all(asks)).flat()
}

async function fetchPositions(cluster: Cluster, groups: readonly string[]): Promise<GroupPositions[]> {
  const coordinators = await cluster.coordinators('group', groups)
  const located = groups.map((group, index) => {
    const coordinator = coordinators[index]!
    if (!coordinator.ok) throw coordinator.error
    return { group, node: coordinator.value }
  })
  const asks = [...Map.groupBy(located, ({ node }) => node)].map(async ([node, found]) => {
    const body = { groups: found.map(({ group }) => ({ groupId: group, topics: null })), requireStable: true }
    const route = { node, version: OFFSET_FETCH_VERSION, timeoutMs: TIMEOUT_MS }
    const answer = await cluster.request(OffsetFetch, body, route)
    return answer.groups.flatMap((group) => {
      if (group.errorCode === ErrorCode.GROUP_ID_NOT_FOUND) return []
      if (group.errorCode === ErrorCode.NOT_COORDINATOR) cluster.forgetCoordinator('group', group.groupId)
      accept(group.errorCode, `positions of group ${group.groupId}`)
      return [{ group: group.groupId, positions: group.topics.flatMap(positionsOf) }]
    })
  })
  return (await Promise.all(asks)).flat()
}

type FetchedTopic = {
  readonly name: string
  readonly partitions: readonly {
    readonly partitionIndex: number
    readonly committedOffset: number
    readonly metadata: string | null
    readonly errorCode: number
  }[]
}

/** A position that a transaction is about to move is left out of this round; the next one finds it decided. */
function positionsOf({ name: topic, partitions }: FetchedTopic): Position[] {
  return partitions
    .filter(({ errorCode, committedOffset }) => errorCode === ErrorCode.NONE && committedOffset >= 0)
    .map(({ partitionIndex: partition, committedOffset: offset, metadata }) => ({
      topic,
      partition,
      offset,
      metadata,
    }))
}

function accept(errorCode: number, what: string): void {
  if (errorCode === ErrorCode.NONE) return
  const { name, retriable } = errorOf(errorCode)
  throw groupError(`${what}: ${name}`, retriable)
}

function groupError(text: string, retriable: boolean): Error {
  return linkError('GROUP_SYNC_FAILED', text, { retriable })
}
