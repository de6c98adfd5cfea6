import { JoinGroup } from '../../wire/apis/011-join-group.ts'
import { Heartbeat } from '../../wire/apis/012-heartbeat.ts'
import { LeaveGroup } from '../../wire/apis/013-leave-group.ts'
import { SyncGroup } from '../../wire/apis/014-sync-group.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { Cluster } from '../cluster.ts'
import type { CallOptions } from '../retry.ts'
import { HEARTBEAT_MS, REBALANCE_TIMEOUT_MS, SESSION_TIMEOUT_MS } from './limits.ts'

/** A group of the classic protocol (KIP-62) and how this member is known in it. */
export type GroupPlace = {
  readonly groupId: string
  readonly protocolType: string
  readonly protocolName: string
  /** A name that outlives the process (KIP-345): who joins under it takes the place of the one before at once. */
  readonly instanceId: string | null
}

export type GroupMemberInfo = {
  readonly memberId: string
  readonly instanceId: string | null
  readonly metadata: Buffer
}

/** The answer to JoinGroup; `members` is filled for the leader alone. */
export type Joined = {
  readonly errorCode: number
  readonly generation: number
  readonly memberId: string
  readonly leader: string
  /** The generation goes on as it was (KIP-814): a member came back under its name, and the old assignment holds. */
  readonly skipAssignment: boolean
  readonly members: readonly GroupMemberInfo[]
}

export type Synced = { readonly errorCode: number; readonly assignment: Buffer }

/** A member in one generation of its group. */
export type Standing = { readonly memberId: string; readonly generation: number }

/** A join waits at the broker for the other members, so it has a connection that nothing else waits for. */
const LANE = 'group'
/** A join is answered at the latest when the rebalance times out. */
const JOIN_ANSWER_MS = REBALANCE_TIMEOUT_MS + 15_000
const LEAVE_MS = 2_000

/** The requests of one member to its coordinator, each sent once; error codes are the caller's to read. */
export class GroupCalls {
  readonly #cluster: Cluster
  readonly #place: GroupPlace

  constructor(cluster: Cluster, place: GroupPlace) {
    this.#cluster = cluster
    this.#place = place
  }

  /** The coordinator is looked up again before the next request. */
  forgetCoordinator(): void {
    this.#cluster.forgetCoordinator('group', this.#place.groupId)
  }

  async join(memberId: string, metadata: Buffer, options: CallOptions): Promise<Joined> {
    const { groupId, protocolType, protocolName: name, instanceId } = this.#place
    const body = {
      groupId,
      memberId,
      groupInstanceId: instanceId,
      protocolType,
      protocols: [{ name, metadata }],
      sessionTimeoutMs: SESSION_TIMEOUT_MS,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
    }
    const route = await this.#route({ timeoutMs: JOIN_ANSWER_MS, ...options })
    const {
      errorCode,
      generationId,
      leader,
      members,
      memberId: given,
      skipAssignment,
    } = await this.#cluster.request(JoinGroup, body, route)
    return {
      errorCode,
      generation: generationId,
      memberId: given,
      leader,
      skipAssignment,
      members: members.map((member) => ({
        memberId: member.memberId,
        instanceId: member.groupInstanceId,
        metadata: Buffer.from(member.metadata),
      })),
    }
  }

  /** `assignments` are given by the leader alone. Waits at the broker for the leader's. */
  async sync(
    { memberId, generation: generationId }: Standing,
    assignments: ReadonlyMap<string, Buffer>,
    options: CallOptions,
  ): Promise<Synced> {
    const { groupId, protocolType, protocolName, instanceId: groupInstanceId } = this.#place
    const list = [...assignments].map(([member, assignment]) => ({ memberId: member, assignment }))
    const who = { groupId, memberId, generationId, groupInstanceId, protocolType, protocolName }
    const route = await this.#route({ timeoutMs: JOIN_ANSWER_MS, ...options })
    const { errorCode, assignment } = await this.#cluster.request(
      SyncGroup,
      { ...who, assignments: list },
      route,
    )
    return { errorCode, assignment: Buffer.from(assignment) }
  }

  async heartbeat(
    { memberId, generation: generationId }: Standing,
    options: CallOptions,
  ): Promise<{ readonly errorCode: number }> {
    const { groupId, instanceId: groupInstanceId } = this.#place
    const route = await this.#route({ timeoutMs: HEARTBEAT_MS * 2, ...options })
    return await this.#cluster.request(Heartbeat, { groupId, memberId, generationId, groupInstanceId }, route)
  }

  /** Gives the place up, so that nobody waits for this member. */
  async leave(memberId: string): Promise<void> {
    const { groupId, instanceId: groupInstanceId } = this.#place
    const route = await this.#route({ timeoutMs: LEAVE_MS })
    // A join of ours may still wait on the lane of its own.
    await this.#cluster.request(
      LeaveGroup,
      { groupId, members: [{ memberId, groupInstanceId, reason: 'it stops' }] },
      { ...route, lane: 'control' },
    )
  }

  async #route(options: CallOptions) {
    const node = await this.#cluster.coordinator('group', this.#place.groupId, options)
    return { node, lane: LANE, ...options }
  }
}

/** Whether the code says that another broker has to be asked, or the same one a little later. */
export function isCoordinatorMoving(errorCode: number): boolean {
  return (
    errorCode === ErrorCode.NOT_COORDINATOR ||
    errorCode === ErrorCode.COORDINATOR_NOT_AVAILABLE ||
    errorCode === ErrorCode.COORDINATOR_LOAD_IN_PROGRESS
  )
}
