import { Fetch } from '../../wire/apis/001-fetch.ts'
import { ListOffsets } from '../../wire/apis/002-list-offsets.ts'
import type { AnswerChange } from '../session/owed.ts'
import type { Verdict } from '../session/verdict.ts'
import { answerBody, answerTo, bodyOf, requestWith } from './call.ts'
import type { Asker, Call } from './rules.ts'

/** ListOffsets asks for the start or the end of a log by these; anything else is a time. */
const RESETS: ReadonlySet<number> = new Set([-1, -2])
/** No log gets there, so a broker answers OFFSET_OUT_OF_RANGE. */
const BEYOND_ALL = Number.MAX_SAFE_INTEGER

/** Who was connected when the cluster was left, and who of them reads in a group. */
export type Readers = {
  readonly connected: readonly Asker[]
  readonly members: readonly Asker[]
}

/**
 * After a crash a reader may be further than the cluster that serves now ended when it took over. Others may have
 * written there since, and then no broker would tell it: so its Fetch is turned back until it has asked where to go on.
 * By its policy it begins at the start, all over again, or at an end that has moved on; what it asks for then is
 * answered with the end that the log had at the switch: it goes on with what came after. Readers in a group are left
 * alone, as they join anew and ask for positions, which were set back.
 */
export class Resets {
  /** By `topic-partition`. */
  readonly #ends: ReadonlyMap<string, number>
  readonly #connected: WeakSet<object>
  readonly #grouped: Set<string | null>
  /** By connection, the partitions in which it has been at the end or before it, or was told where to go on. */
  readonly #settled = new WeakMap<object, Set<string>>()
  /** The same by client id, of those that were connected: a leader elsewhere means another connection. */
  readonly #settledOf: Map<string | null, Set<string>>
  /** By connection, the partitions in which it was too far. */
  readonly #beyond = new WeakMap<object, Set<string>>()

  constructor(ends: ReadonlyMap<string, number>, { connected, members }: Readers) {
    this.#ends = ends
    this.#connected = new WeakSet(connected)
    this.#grouped = new Set(members.map(({ clientId }) => clientId))
    const named = connected.filter(({ clientId }) => clientId !== null)
    this.#settledOf = new Map(named.map(({ clientId }) => [clientId, new Set()]))
  }

  /** A client asks for positions, or joins a group: where it goes on from is known to the cluster that serves now. */
  noteGrouped({ session }: Call): void {
    this.#grouped.add(session.clientId)
  }

  /** A Fetch as it has to be sent, so that a reader which is too far is told so; null where it may pass as it is. */
  turnBack(call: Call): Buffer | null {
    const { session } = call
    const body = bodyOf(Fetch, call)
    let isChanged = false
    for (const { topic, partitions } of body.topics) {
      for (const one of partitions) {
        const name = `${topic}-${one.partition}`
        const end = this.#ends.get(name)
        if (end === undefined || this.#settled.get(session)?.has(name)) continue
        if (one.fetchOffset <= end) this.#settle(session, name)
        else {
          setOf(this.#beyond, session).add(name)
          if (!this.#isStale(session, name)) continue
          one.fetchOffset = BEYOND_ALL
          isChanged = true
        }
      }
    }
    return isChanged ? requestWith(Fetch, call, body) : null
  }

  judgeListOffsets(call: Call): Verdict | null {
    const beyond = this.#beyond.get(call.session)
    const asked = new Set<string>()
    for (const { name, partitions } of bodyOf(ListOffsets, call).topics) {
      for (const { partitionIndex, timestamp } of partitions) {
        const partition = `${name}-${partitionIndex}`
        if (RESETS.has(timestamp) && beyond?.has(partition)) asked.add(partition)
        else this.#settle(call.session, partition)
      }
    }
    if (asked.size === 0) return null
    const change: AnswerChange = (frame) => {
      const body = answerBody(ListOffsets, call, frame)
      for (const { name, partitions } of body.topics) {
        for (const partition of partitions) {
          const key = `${name}-${partition.partitionIndex}`
          if (!asked.has(key) || partition.errorCode !== 0) continue
          partition.offset = this.#ends.get(key)!
          beyond!.delete(key)
          this.#settle(call.session, key)
        }
      }
      return answerTo(ListOffsets, call, body)
    }
    return { kind: 'pass', change }
  }

  /** Whether what it asks for must be an offset of the cluster that was left. */
  #isStale(session: Asker, name: string): boolean {
    const { clientId } = session
    if (this.#grouped.has(clientId)) return false
    if (this.#connected.has(session)) return true
    const settled = this.#settledOf.get(clientId)
    return settled !== undefined && !settled.has(name)
  }

  #settle(session: Asker, name: string): void {
    if (!this.#ends.has(name)) return
    setOf(this.#settled, session).add(name)
    this.#settledOf.get(session.clientId)?.add(name)
  }
}

function setOf(sets: WeakMap<object, Set<string>>, session: object): Set<string> {
  const known = sets.get(session)
  if (known !== undefined) return known
  const made = new Set<string>()
  sets.set(session, made)
  return made
}
