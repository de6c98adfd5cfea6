import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import type { Clock } from '../../base/clock.ts'
import { KmcError } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import { nowMs } from '../../client/clock.ts'
import type { Cluster } from '../../client/cluster.ts'
import type { GroupMemberInfo } from '../../client/group/calls.ts'
import { SESSION_TIMEOUT_MS } from '../../client/group/limits.ts'
import { GroupMember } from '../../client/group/member.ts'
import { fault, linkCodeOf, linkError } from '../errors.ts'
import type { Fault } from '../status.ts'
import {
  type Assignment,
  decodeAssignment,
  decodeNote,
  encodeAssignment,
  encodeNote,
  type WorkerInfo,
} from './assignment.ts'
import { workerGroupId } from './roster.ts'
import { type Share, shareOf } from './share.ts'

/** The lease as the leading worker has taken it for all. */
export type Lead = Pick<Assignment, 'generation' | 'producerId' | 'producerEpoch' | 'gaps'>

export type WorkerGroupOptions = {
  readonly link: string
  readonly destination: Cluster
  /** A name that outlives the process, so that the one started after it takes its place at once; null for none. */
  readonly instance: string | null
  readonly thread: number
  /** Stops all work at once; resolves when nothing is on its way any more. */
  readonly settle: () => Promise<void>
  /** Takes the lease, above the generation given. Called at the leading worker alone. */
  readonly lead: (claim: { readonly above: number; readonly isWanted: () => boolean }) => Promise<Lead>
  readonly begin: (assignment: Assignment, share: Share) => void
  readonly clock: Clock
  readonly log: Log
}

/** Shorter troubles are the everyday life of a cluster: a coordinator moves, a broker restarts. */
const TELL_AFTER_MS = 5_000

/**
 * This worker among the workers of its link: a member of a classic group on the destination, whose leader takes the
 * lease in `__kmc_state` for all at each change. Nobody works on two generations: all settle before they join.
 */
export class WorkerGroup {
  readonly #options: WorkerGroupOptions
  readonly #self: WorkerInfo
  readonly #member: GroupMember
  readonly #first = Promise.withResolvers<void>()
  #above = 0

  constructor(options: WorkerGroupOptions) {
    const { link, destination, instance, thread, settle, clock, log } = options
    this.#options = options
    this.#self = { id: randomUUID(), host: hostname(), pid: process.pid, thread }
    // Nobody may be waiting for it.
    this.#first.promise.catch(() => {})
    const place = { groupId: workerGroupId(link), protocolType: 'kmc', protocolName: 'exact-1' }
    this.#member = new GroupMember(
      destination,
      { ...place, instanceId: instance },
      {
        metadata: (round) => encodeNote({ ...this.#self, above: this.#above, round }),
        settle,
        lead: (members) => this.#lead(members),
        begin: (assignment) => this.#begin(assignment),
        troubled: (error) => this.#troubled(error),
      },
      { clock, log },
    )
  }

  /** Of this process, made anew with each start. */
  get id(): string {
    return this.#self.id
  }
  get isFresh(): boolean {
    return this.#member.isFresh
  }
  /** Resolves when another process has taken this worker's name over. */
  get takenOver(): Promise<void> {
    return this.#member.takenOver
  }

  /** Resolves with the first generation, or after `ms` without one. @throws what hinders this worker to lead or join */
  async firstGeneration(ms: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, ms)
    await Promise.race([this.#first.promise, promise]).finally(() => clearTimeout(timer))
  }

  /** Gives the generation up for a new one. `above`: a generation that is known to have written. */
  startOver(why: string, above = 0): void {
    this.#options.log.info({ why, above }, 'asking for a new generation')
    this.#above = Math.max(this.#above, above)
    this.#member.startOver()
  }

  stop(): Promise<void> {
    return this.#member.stop()
  }

  /** Why this worker has no sure place, once that has lasted. */
  fault(): Fault | null {
    const { trouble, isFresh } = this.#member
    if (trouble === null || isFresh || Date.now() - trouble.since < TELL_AFTER_MS) return null
    const { error, since } = trouble
    const text = `the coordinator of group ${workerGroupId(this.#options.link)} on ${this.#options.destination.name}`
    const evidence = { group: workerGroupId(this.#options.link) }
    const refused = linkCodeOf(error)
    const told =
      refused !== null
        ? fault(refused, error.message, evidence)
        : fault('COORDINATOR_UNREACHABLE', `${text}: ${error.message}; nothing is copied meanwhile`, evidence)
    return { ...told, since }
  }

  #troubled(error: KmcError): void {
    if (linkCodeOf(error) !== 'NOT_AUTHORIZED') return
    const text = `group ${workerGroupId(this.#options.link)} on ${this.#options.destination.name} needs READ`
    this.#first.reject(linkError('NOT_AUTHORIZED', `${text}: ${error.message}`, { cause: error }))
  }

  async #lead(members: readonly GroupMemberInfo[]): Promise<ReadonlyMap<string, Buffer>> {
    const startedAt = nowMs()
    try {
      const notes = members.map(({ memberId, instanceId, metadata }) => {
        const { above, round: _, ...info } = decodeNote(metadata)
        return { memberId, above, worker: { ...info, key: instanceId ?? memberId } }
      })
      const above = Math.max(...notes.map((note) => note.above))
      // Whoever took longer than a session lasts leads nobody any more.
      const isWanted = () => nowMs() - startedAt < SESSION_TIMEOUT_MS
      const lead = await this.#options.lead({ above, isWanted })
      const workers = notes.map(({ worker }) => worker)
      const bytes = encodeAssignment({ ...lead, leader: this.#self.id, members: workers })
      return new Map(notes.map(({ memberId }) => [memberId, bytes]))
    } catch (error) {
      this.#first.reject(error)
      throw error
    }
  }

  #begin(bytes: Buffer): boolean {
    const place = {
      mayWrite: () => this.#member.isFresh,
      startOver: (why: string) => this.startOver(why),
    }
    try {
      const assignment = decodeAssignment(bytes)
      const share = shareOf(assignment, this.#self.id, place)
      // Made for the process that had our name before.
      if (share === null) return false
      this.#options.begin(assignment, share)
      this.#first.resolve()
      return true
    } catch (error) {
      if (!(error instanceof KmcError)) throw error
      this.#options.log.error({ why: error.message }, 'assignment not taken')
      return false
    }
  }
}
