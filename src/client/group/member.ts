import { type Clock, systemClock } from '../../base/clock.ts'
import { KmcError } from '../../base/error.ts'
import { type Log, silentLog } from '../../base/log.ts'
import { nowMs } from '../clock.ts'
import type { Cluster } from '../cluster.ts'
import { KafkaError } from '../errors.ts'
import { GroupCalls, type GroupMemberInfo, type GroupPlace, type Standing } from './calls.ts'
import { Freshness } from './freshness.ts'
import { Membership, type MembershipStep } from './membership.ts'

/** What a member does with its membership. None of these may throw but `lead`. */
export type GroupWork = {
  /** What the others learn of this member; `round` must make a difference in the bytes. */
  metadata(round: number): Buffer
  /** Stops all work that rests on the generation, at once; resolves when nothing of it is on its way any more. */
  settle(): Promise<void>
  /** Called at the leader alone: every member's assignment, by member id. */
  lead(members: readonly GroupMemberInfo[]): Promise<ReadonlyMap<string, Buffer>>
  /** Begins to work; false when the assignment is not for this process, so that a new generation is asked for. */
  begin(assignment: Buffer): boolean
  /** Told of each thing that goes wrong. */
  troubled?(error: KmcError): void
}

export type GroupMemberOptions = {
  readonly log?: Log
  /** By which it pauses between heartbeats. */
  readonly clock?: Pick<Clock, 'after'>
}

/** Why membership is not what it should be at the moment. */
export type GroupTrouble = { readonly error: KmcError; readonly since: number }

/**
 * Runs one member of a classic group on a connection of its own: keeps the session, joins again whenever the group
 * changes, and says at any moment whether the place is surely held (`isFresh`).
 */
export class GroupMember {
  readonly #work: GroupWork
  readonly #calls: GroupCalls
  readonly #log: Log
  readonly #clock: Pick<Clock, 'after'>
  readonly #machine = new Membership()
  readonly #freshness = new Freshness()
  readonly #stop = new AbortController()
  #wake = new AbortController()
  #trouble: GroupTrouble | null = null
  #running: Promise<void>
  readonly #ended = Promise.withResolvers<void>()

  constructor(
    cluster: Cluster,
    place: GroupPlace,
    work: GroupWork,
    { log = silentLog, clock = systemClock }: GroupMemberOptions = {},
  ) {
    this.#work = work
    this.#calls = new GroupCalls(cluster, place)
    this.#log = log
    this.#clock = clock
    this.#running = this.#run()
  }

  /** Whether the coordinator surely holds our place now: to be asked before each write that rests on it. */
  get isFresh(): boolean {
    return this.#freshness.holds(this.#machine.isFresh(nowMs()))
  }

  /** How the coordinator knows us now, for commits. */
  get standing(): Standing {
    return this.#machine.standing
  }

  /** The last thing that went wrong since the last heartbeat that went right. */
  get trouble(): GroupTrouble | null {
    return this.#trouble
  }

  /** Resolves when another process has taken the name of this member over; never after `stop`. */
  get takenOver(): Promise<void> {
    return this.#ended.promise
  }

  /** Gives the generation up and asks for a new one. */
  startOver(): void {
    this.#machine.startOver()
    this.#wake.abort()
  }

  /** Stops the work, leaves the group so that nobody waits for this member, and ends. */
  async stop(): Promise<void> {
    this.#stop.abort()
    this.#wake.abort()
    await this.#running
    const { memberId } = this.#machine.standing
    const wasIn = memberId !== '' && !this.#machine.hasEnded
    this.#machine.end()
    await this.#work.settle()
    if (!wasIn) return
    try {
      await this.#calls.leave(memberId)
    } catch (error) {
      this.#note(error, 'leaving the group')
    }
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      const step = this.#machine.next(nowMs())
      if (step.do === 'end') {
        await this.#work.settle()
        this.#ended.resolve()
        return
      }
      try {
        await this.#perform(step)
      } catch (error) {
        if (this.#stop.signal.aborted) return
        this.#note(error, step.do)
        this.#calls.forgetCoordinator()
        this.#machine.failed(nowMs())
      }
    }
  }

  async #perform(step: MembershipStep): Promise<void> {
    const { signal } = this.#stop
    switch (step.do) {
      case 'rest':
        await this.#rest(step.ms)
        return
      case 'settle':
        void this.#work.settle().then(() => {
          this.#machine.settled()
          this.#wake.abort()
        })
        return
      case 'join': {
        const answer = await this.#calls.join(step.memberId, this.#work.metadata(step.round), { signal })
        this.#read(answer.errorCode, 'joining the group')
        this.#machine.joined(answer, nowMs())
        return
      }
      case 'lead':
        this.#machine.led(await this.#work.lead(step.members))
        return
      case 'sync':
        await this.#sync(step.assignments)
        return
      case 'beat':
        await this.#beat()
    }
  }

  async #sync(assignments: ReadonlyMap<string, Buffer>): Promise<void> {
    const sentAt = nowMs()
    const sent = this.#freshness.mark()
    const { errorCode, assignment } = await this.#calls.sync(this.#machine.standing, assignments, {
      signal: this.#stop.signal,
    })
    this.#read(errorCode, 'taking the assignment')
    this.#machine.synced(errorCode, sentAt, nowMs())
    if (!this.#machine.isMember) return
    this.#freshness.renew(sent)
    if (!this.#work.begin(assignment)) this.#machine.startOver()
  }

  async #beat(): Promise<void> {
    const sentAt = nowMs()
    const sent = this.#freshness.mark()
    const { errorCode } = await this.#calls.heartbeat(this.#machine.standing, { signal: this.#stop.signal })
    this.#read(errorCode, 'heartbeat')
    this.#machine.beaten(errorCode, sentAt, nowMs())
    if (errorCode === 0) this.#freshness.renew(sent)
  }

  async #rest(ms: number): Promise<void> {
    this.#wake = new AbortController()
    // What happened between the look and the rest is seen in the next look, at most a heartbeat later.
    const { promise, resolve } = Promise.withResolvers<void>()
    const callOff = this.#clock.after(ms, resolve)
    this.#wake.signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
    callOff()
  }

  /** Codes that are everyday life of a group are no trouble. */
  #read(errorCode: number, what: string): void {
    if (errorCode === 0) {
      this.#trouble = null
      return
    }
    const error = new KafkaError(errorCode, what)
    if (EVERYDAY.has(error.kafkaName)) this.#log.info({ what, error: error.kafkaName }, 'the group moves')
    else this.#note(error, what)
    if (error.kafkaName.includes('COORDINATOR')) this.#calls.forgetCoordinator()
  }

  #note(error: unknown, what: string): void {
    if (!(error instanceof KmcError)) throw error
    this.#trouble = { error, since: this.#trouble?.since ?? Date.now() }
    this.#work.troubled?.(error)
    this.#log.warn({ what, why: error.message }, 'membership is in trouble')
  }
}

const EVERYDAY = new Set([
  'REBALANCE_IN_PROGRESS',
  'MEMBER_ID_REQUIRED',
  'UNKNOWN_MEMBER_ID',
  'ILLEGAL_GENERATION',
])
