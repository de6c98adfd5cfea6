import { ErrorCode } from '../../wire/error-codes.ts'
import type { GroupMemberInfo, Joined, Standing } from './calls.ts'
import { isCoordinatorMoving } from './calls.ts'
import {
  FRESHNESS_MARGIN_MS,
  GROUP_REFUSED_RETRY_MS,
  GROUP_RETRY_MAX_MS,
  GROUP_RETRY_MS,
  HEARTBEAT_EARLY_MS,
  HEARTBEAT_MS,
  SESSION_TIMEOUT_MS,
} from './limits.ts'

/** What is to be done now. `rest` is the end of a step: nothing to do for so long, unless something happens. */
export type MembershipStep =
  | { readonly do: 'settle' }
  | { readonly do: 'join'; readonly memberId: string; readonly round: number }
  | { readonly do: 'lead'; readonly members: readonly GroupMemberInfo[] }
  | { readonly do: 'sync'; readonly assignments: ReadonlyMap<string, Buffer> }
  | { readonly do: 'beat' }
  | { readonly do: 'rest'; readonly ms: number }
  | { readonly do: 'end' }

type Phase =
  /** Whatever rested on the last generation must stop before the group is joined (again). */
  | { readonly name: 'settling'; readonly asked: boolean }
  | { readonly name: 'apart' }
  | { readonly name: 'leading'; readonly members: readonly GroupMemberInfo[] }
  | { readonly name: 'syncing'; readonly assignments: ReadonlyMap<string, Buffer> }
  | { readonly name: 'member' }
  | { readonly name: 'ended' }

/** Nobody leads yet, or the follower waits for the leader. */
const NO_ASSIGNMENTS: ReadonlyMap<string, Buffer> = new Map()

/**
 * One member of a classic group as a state machine without I/O or clock: `next` says what to do, the other methods
 * take what came of it. Times are monotonic milliseconds.
 *
 * What it keeps to: nobody joins before the work of the last generation has been settled; a place lost
 * (UNKNOWN_MEMBER_ID, ILLEGAL_GENERATION) is never worked on again; a name taken over by another process
 * (FENCED_INSTANCE_ID) is the end.
 */
export class Membership {
  #phase: Phase = { name: 'apart' }
  #memberId = ''
  #generation = -1
  /** Counts deliberate joins: other metadata make the coordinator start a rebalance even for a known member. */
  #round = 0
  /** Whether the coordinator still counts on us while we settle. */
  #inSession = false
  #lastBeatAt = Number.NEGATIVE_INFINITY
  #freshAt = Number.NEGATIVE_INFINITY
  #failures = 0
  #restUntil = Number.NEGATIVE_INFINITY

  get standing(): Standing {
    return { memberId: this.#memberId, generation: this.#generation }
  }
  get isMember(): boolean {
    return this.#phase.name === 'member'
  }
  get hasEnded(): boolean {
    return this.#phase.name === 'ended'
  }

  /** Whether the coordinator is sure to hold our place: the last good heartbeat was sent a short time ago. */
  isFresh(now: number): boolean {
    return this.isMember && now - this.#freshAt < SESSION_TIMEOUT_MS - FRESHNESS_MARGIN_MS
  }

  next(now: number): MembershipStep {
    const phase = this.#phase
    const dueInMs = this.#lastBeatAt + HEARTBEAT_MS - now
    const beatInMs = dueInMs <= HEARTBEAT_EARLY_MS ? 0 : dueInMs
    const restMs = this.#restUntil - now
    switch (phase.name) {
      case 'ended':
        return { do: 'end' }
      case 'settling':
        if (!phase.asked) {
          this.#phase = { name: 'settling', asked: true }
          return { do: 'settle' }
        }
        if (!this.#inSession) return { do: 'rest', ms: HEARTBEAT_MS }
        return beatInMs <= 0 ? { do: 'beat' } : { do: 'rest', ms: beatInMs }
      case 'apart':
        if (restMs > 0) return { do: 'rest', ms: restMs }
        return { do: 'join', memberId: this.#memberId, round: this.#round }
      case 'leading':
        return { do: 'lead', members: phase.members }
      case 'syncing':
        return { do: 'sync', assignments: phase.assignments }
      case 'member': {
        const waitMs = Math.max(beatInMs, restMs)
        return waitMs <= 0 ? { do: 'beat' } : { do: 'rest', ms: waitMs }
      }
    }
  }

  /** Nothing is being worked on any more. */
  settled(): void {
    if (this.#phase.name !== 'settling') return
    this.#inSession = false
    this.#phase = { name: 'apart' }
  }

  joined(answer: Joined, now: number): void {
    if (this.#phase.name !== 'apart') return
    switch (answer.errorCode) {
      case ErrorCode.NONE:
        this.#memberId = answer.memberId
        this.#generation = answer.generation
        this.#failures = 0
        this.#phase =
          answer.leader === answer.memberId && !answer.skipAssignment
            ? { name: 'leading', members: answer.members }
            : { name: 'syncing', assignments: NO_ASSIGNMENTS }
        return
      case ErrorCode.MEMBER_ID_REQUIRED:
        this.#memberId = answer.memberId
        return
      default:
        this.#refused(answer.errorCode, now)
    }
  }

  led(assignments: ReadonlyMap<string, Buffer>): void {
    if (this.#phase.name === 'leading') this.#phase = { name: 'syncing', assignments }
  }

  /** `sentAt`: when the request left; the session is renewed at the earliest then. */
  synced(errorCode: number, sentAt: number, now: number): void {
    if (this.#phase.name !== 'syncing') return
    if (errorCode !== ErrorCode.NONE) {
      this.#phase = { name: 'apart' }
      this.#refused(errorCode, now)
      return
    }
    this.#phase = { name: 'member' }
    this.#renew(sentAt)
  }

  beaten(errorCode: number, sentAt: number, now: number): void {
    const { name } = this.#phase
    if (name !== 'member' && name !== 'settling') return
    this.#lastBeatAt = now
    switch (errorCode) {
      case ErrorCode.NONE:
        if (name === 'member') this.#renew(sentAt)
        return
      case ErrorCode.REBALANCE_IN_PROGRESS:
        if (name === 'member') this.#settle(true)
        return
      case ErrorCode.FENCED_INSTANCE_ID:
        this.#phase = { name: 'ended' }
        return
      case ErrorCode.UNKNOWN_MEMBER_ID:
        this.#memberId = ''
        break
      case ErrorCode.ILLEGAL_GENERATION:
        break
      default:
        this.#retryLater(errorCode, now)
        return
    }
    this.#inSession = false
    if (name === 'member') this.#settle(false)
  }

  /** A request got no answer; what it would have changed may have happened or not. */
  failed(now: number): void {
    const { name } = this.#phase
    if (name === 'leading' || name === 'syncing') this.#phase = { name: 'apart' }
    if (name === 'settling') this.#lastBeatAt = now
    this.#retryLater(ErrorCode.COORDINATOR_NOT_AVAILABLE, now)
  }

  /** Gives the generation up and asks for a new one, with all members; nothing happens while that is under way. */
  startOver(): void {
    if (this.#phase.name !== 'member') return
    this.#round++
    this.#settle(true)
  }

  /** Leaves the machine for good. */
  end(): void {
    this.#phase = { name: 'ended' }
  }

  #settle(inSession: boolean): void {
    this.#inSession = inSession
    this.#phase = { name: 'settling', asked: false }
  }

  #renew(sentAt: number): void {
    this.#lastBeatAt = sentAt
    this.#freshAt = sentAt
    this.#failures = 0
    this.#restUntil = sentAt
  }

  #refused(errorCode: number, now: number): void {
    switch (errorCode) {
      case ErrorCode.UNKNOWN_MEMBER_ID:
        this.#memberId = ''
        return
      case ErrorCode.REBALANCE_IN_PROGRESS:
      case ErrorCode.ILLEGAL_GENERATION:
        return
      case ErrorCode.FENCED_INSTANCE_ID:
        this.#phase = { name: 'ended' }
        return
      default:
        this.#retryLater(errorCode, now)
    }
  }

  #retryLater(errorCode: number, now: number): void {
    const curable = isCoordinatorMoving(errorCode)
    const pauseMs = Math.min(GROUP_RETRY_MS * 2 ** this.#failures++, GROUP_RETRY_MAX_MS)
    this.#restUntil = now + (curable ? pauseMs : GROUP_REFUSED_RETRY_MS)
  }
}
