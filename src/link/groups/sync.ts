import type { Clock } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import { fault, linkCodeOf, linkError, nameOf } from '../errors.ts'
import type { TopicPartition } from '../port.ts'
import type { Fault, GroupStatus } from '../status.ts'
import { Ownership } from './ownership.ts'
import type { CommitRefusal, GroupAnswer, GroupDestination, GroupMemory, GroupSource } from './port.ts'
import { behind, clamp, type GroupPositions, type Position, type PositionSnapshot } from './position.ts'

/** What the mirror holds of a source partition: from its start to what the destination has confirmed. */
export type Mirrored = {
  readonly mirror: string
  readonly start: number
  readonly end: number
}

export type GroupSyncOptions = {
  readonly source: GroupSource
  readonly destination: GroupDestination
  readonly matches: (group: string) => boolean
  /** Groups that are named in full, so that their absence is worth telling. */
  readonly expected: readonly string[]
  /** The mirrored partitions by the source's names. */
  readonly partitions: () => readonly TopicPartition[]
  readonly mirrored: (at: TopicPartition) => Mirrored | null
  /** Whether the source's topics were looked at since; left out: always. */
  readonly seenSince?: (instantMs: number) => boolean
  /** Left out: what was written is known to this worker alone. */
  readonly memory?: GroupMemory
  /** Whether this worker surely holds its place; Kafka refuses no position of one that does not. Left out: always. */
  readonly mayWrite?: () => boolean
  /** Brings what `mirrored` says up to date, as far as this worker does not know it by itself. */
  readonly look?: () => Promise<void>
  readonly clock: Clock
  readonly log: Log
}

const WAITING_AFTER_MS = 5_000
/** Where topics are made all the time, positions go on after so many snapshots. */
const DROPPED_MAX = 5

/** A group that stands as it was written is looked at on the destination again after this time. */
const CHECK_AGAIN_MS = 10_000

type Tracked = {
  state: GroupStatus['state']
  partitions: number
  asOf: number | null
  fault: Fault | null
}
type Written = { readonly signature: string; readonly at: number }

/**
 * Keeps positions in step. One round reads a snapshot at the source and holds it until the mirror has passed all of
 * it; only then is it written, so that no position is ever ahead of a record that was there when it was read.
 */
export class GroupSync {
  readonly #options: GroupSyncOptions
  readonly #groups = new Map<string, Tracked>()
  readonly #written = new Map<string, Written>()
  readonly #ours: Ownership
  #pending: PositionSnapshot | null = null
  #fault: Fault | null = null
  /** Snapshots in a row that were dropped since topics had appeared. */
  #dropped = 0
  #carriedAsOf: number | null = null

  constructor(options: GroupSyncOptions) {
    this.#options = options
    this.#ours = new Ownership(options.memory ?? null, options.clock)
  }

  /** The sync as a whole could not be done (last round); faults of single groups stand with the groups. */
  get fault(): Fault | null {
    return this.#fault
  }

  /** When the positions that stand at the destination now were read, all of them; null before the first round. */
  get carriedAsOf(): number | null {
    return this.#carriedAsOf
  }

  status(): GroupStatus[] {
    return [...this.#groups].map(([group, tracked]) => ({ group, ...tracked }))
  }

  /** One step, called every second or two: takes a snapshot if none is held, writes it once it may be written. */
  async step(): Promise<void> {
    try {
      const now = this.#options.clock.now()
      // One from the future: the clock was set back, and what is seen since could not be told.
      if (this.#pending !== null && this.#pending.readAt > now) this.#pending = null
      this.#pending ??= await this.#read()
      const snapshot = this.#pending
      if (snapshot === null) this.#carriedAsOf = now
      else await this.#options.look?.()
      if (snapshot !== null && this.#isWhole(snapshot) && (await this.#arrived(snapshot))) {
        this.#pending = null
        await this.#ours.recall()
        await this.#write(snapshot)
        await this.#ours.keep()
        this.#carriedAsOf = snapshot.readAt
      }
      this.#fault = null
    } catch (error) {
      this.#options.log.warn({ why: messageOf(error) }, 'group positions not carried over')
      const seen = fault(linkCodeOf(error) ?? 'GROUP_SYNC_FAILED', messageOf(error))
      this.#fault = this.#fault?.message === seen.message ? this.#fault : seen
    }
  }

  /** What was written is kept for the worker that comes next. */
  async close(): Promise<void> {
    await this.#ours.keep({ all: true })
  }

  /**
   * A topic may have been made just before the positions were read, and hold records that they rest on. So the snapshot
   * counts only once the source's topics were looked at after it, and no new partition had come.
   */
  #isWhole(snapshot: PositionSnapshot): boolean {
    const { seenSince, partitions } = this.#options
    if (seenSince !== undefined && !seenSince(snapshot.readAt)) return false
    const isNew = partitions().some((at) => !snapshot.highWatermarks.has(nameOf(at)))
    if (!isNew || this.#dropped >= DROPPED_MAX) {
      this.#dropped = 0
      return true
    }
    this.#dropped += 1
    this.#pending = null
    return false
  }

  async #read(): Promise<PositionSnapshot | null> {
    const { source, matches, partitions, clock, expected } = this.#options
    const groups = (await source.list()).filter(matches)
    for (const known of this.#groups.keys())
      if (!groups.includes(known) && !expected.includes(known)) this.#groups.delete(known)
    for (const name of expected) if (!groups.includes(name)) this.#missing(name)
    if (groups.length === 0) return null
    const readAt = clock.now()
    const positions = this.#answered(await source.positions(groups), 'reading its positions at the source')
    const mirrored = partitions()
    const highWatermarks = await source.highWatermarks(mirrored)
    const byName = new Map(mirrored.map((at, index) => [nameOf(at), highWatermarks[index]!]))
    return { readAt, groups: positions, highWatermarks: byName }
  }

  async #arrived(snapshot: PositionSnapshot): Promise<boolean> {
    const { partitions, mirrored, source, clock } = this.#options
    const ends = new Map(partitions().map((at) => [nameOf(at), mirrored(at)?.end ?? null]))
    const late = behind(snapshot, (partition) => {
      // A partition that the link no longer mirrors holds nothing back.
      return ends.has(partition) ? ends.get(partition)! : Number.POSITIVE_INFINITY
    })
    if (late.length === 0) return true
    // Under load every snapshot waits a moment; only one that waits long is worth telling.
    if (clock.now() - snapshot.readAt <= WAITING_AFTER_MS) return false
    for (const { group } of snapshot.groups) this.#track(group, { state: 'waiting' })
    // A source that lost its tail, or a topic made again, may never come as far as it was: then it is read anew.
    const awaited = partitions().filter((at) => late.includes(nameOf(at)))
    const now = await source.highWatermarks(awaited)
    const isLost = awaited.some((at, index) => now[index]! < snapshot.highWatermarks.get(nameOf(at))!)
    if (isLost) this.#pending = null
    return false
  }

  async #write(snapshot: PositionSnapshot): Promise<void> {
    const { destination, clock } = this.#options
    const wanted = snapshot.groups
      .map(({ group, positions }) => ({ group, positions: this.#translate(positions) }))
      .filter(({ positions }) => positions.length > 0)
    const changed = wanted.filter(({ group, positions }) => {
      if (!this.#stands(group, positions)) return true
      this.#track(group, { asOf: snapshot.readAt })
      return false
    })
    const groups = changed.map(({ group }) => group)
    if (groups.length === 0) return
    const active = await destination.active(groups)
    const answers = await destination.positions(groups)
    const read = this.#answered(answers, 'reading its positions at the destination')
    const present = new Map(read.map(({ group, positions }) => [group, positions]))
    for (const { group, positions } of changed) {
      this.#written.delete(group)
      if (!present.has(group)) continue
      if (active.has(group)) this.#track(group, { state: 'active', partitions: positions.length })
      else await this.#commit({ group, positions }, present.get(group) ?? [], snapshot.readAt)
      if (this.#groups.get(group)?.state !== 'in-step') continue
      this.#written.set(group, { signature: JSON.stringify(positions), at: clock.now() })
    }
  }

  /** The groups that were answered for; of each other one the refusal is kept. */
  #answered(answers: readonly GroupAnswer[], what: string): GroupPositions[] {
    return answers.filter((answer): answer is GroupPositions => {
      if (!('error' in answer)) return true
      const code = linkCodeOf(answer.error) ?? 'GROUP_SYNC_FAILED'
      const text = `group ${answer.group}: ${what}: ${answer.error.message}`
      this.#track(answer.group, { state: 'faulted', fault: fault(code, text, { group: answer.group }) })
      return false
    })
  }

  #missing(group: string): void {
    if (this.#groups.get(group)?.fault?.code === 'GROUP_MISSING') return
    const text = `group ${group} is not at the source`
    this.#track(group, { state: 'waiting', fault: fault('GROUP_MISSING', text, { group }) })
  }

  /** Whether these very positions were written not long ago, so that the destination need not be asked. */
  #stands(group: string, positions: readonly Position[]): boolean {
    const written = this.#written.get(group)
    if (written === undefined) return false
    const ageMs = this.#options.clock.now() - written.at
    // Below 0: the clock was set back.
    if (ageMs < 0 || ageMs > CHECK_AGAIN_MS) return false
    return written.signature === JSON.stringify(positions)
  }

  /** Positions on mirrored partitions, under the mirror's name and within what the mirror holds. */
  #translate(positions: readonly Position[]): Position[] {
    return positions.flatMap((position) => {
      const mirrored = this.#options.mirrored(position)
      if (mirrored === null) return []
      return [{ ...position, topic: mirrored.mirror, offset: clamp(position.offset, mirrored) }]
    })
  }

  async #commit(wanted: GroupPositions, present: readonly Position[], readAt: number): Promise<void> {
    const { group, positions } = wanted
    const there = new Map(present.map((position) => [nameOf(position), position]))
    const changed = positions.filter((position) => !same(position, there.get(nameOf(position))))
    if (changed.some((position) => this.#ours.isMoved(group, position, there.get(nameOf(position))))) {
      this.#track(group, { state: 'active', partitions: positions.length })
      return
    }
    const refusals = changed.length === 0 ? [] : await this.#send(group, changed)
    const [refusal] = refusals
    if (refusal === undefined) {
      this.#track(group, { state: 'in-step', partitions: positions.length, asOf: readAt, fault: null })
      this.#ours.wrote(group, positions)
    } else if (isInUse(refusal.errorCode)) {
      this.#track(group, { state: 'active', partitions: positions.length })
    } else {
      const { name } = errorOf(refusal.errorCode)
      const text = `group ${group}: position of ${nameOf(refusal)} refused with ${name}`
      const code = name.endsWith('AUTHORIZATION_FAILED') ? 'NOT_AUTHORIZED' : 'GROUP_SYNC_FAILED'
      this.#track(group, { state: 'faulted', fault: fault(code, text, { group, error: name }) })
    }
  }

  async #send(group: string, positions: readonly Position[]): Promise<readonly CommitRefusal[]> {
    if (this.#options.mayWrite?.() === false) {
      throw linkError('GROUP_SYNC_FAILED', 'another worker may be at work by now', { retriable: true })
    }
    try {
      return await this.#options.destination.commit(group, positions)
    } catch (error) {
      this.#ours.mayHaveWritten(group, positions)
      throw error
    }
  }

  #track(group: string, change: Partial<Tracked>): void {
    const known = this.#groups.get(group) ?? { state: 'waiting', partitions: 0, asOf: null, fault: null }
    this.#groups.set(group, { ...known, ...change })
  }
}

function same(a: Position, b: Position | undefined): boolean {
  return b !== undefined && a.offset === b.offset && (a.metadata ?? '') === (b.metadata ?? '')
}

/** What a broker answers to a commit without a member when the group has members (GroupCoordinator). */
function isInUse(errorCode: number): boolean {
  return (
    errorCode === ErrorCode.UNKNOWN_MEMBER_ID ||
    errorCode === ErrorCode.NON_EMPTY_GROUP ||
    errorCode === ErrorCode.ILLEGAL_GENERATION ||
    errorCode === ErrorCode.REBALANCE_IN_PROGRESS ||
    errorCode === ErrorCode.STALE_MEMBER_EPOCH
  )
}
