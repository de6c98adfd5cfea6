import { Fetch } from '../../wire/apis/001-fetch.ts'
import { ListOffsets } from '../../wire/apis/002-list-offsets.ts'
import type { AnswerChange } from '../session/owed.ts'
import type { Verdict } from '../session/verdict.ts'
import { answerBody, answerTo, bodyOf } from './call.ts'
import type { Call } from './rules.ts'

/** ListOffsets asks for the start or the end of a log by these; anything else is a time. */
const RESETS: ReadonlySet<number> = new Set([-1, -2])

/**
 * After a crash a reader may be further than the cluster that serves now: it gets OFFSET_OUT_OF_RANGE, and by its
 * policy begins at the start, all over again, or at an end that has moved on. What it asks for then is answered with
 * the end that the log had at the switch: it goes on with what came after.
 */
export class Resets {
  /** By `topic-partition`. */
  readonly #ends: ReadonlyMap<string, number>
  /** By connection, the partitions in which it was too far. */
  readonly #beyond = new WeakMap<object, Set<string>>()

  constructor(ends: ReadonlyMap<string, number>) {
    this.#ends = ends
  }

  noteFetch(call: Call): void {
    for (const { topic, partitions } of bodyOf(Fetch, call).topics) {
      for (const { partition, fetchOffset } of partitions) {
        const name = `${topic}-${partition}`
        const end = this.#ends.get(name)
        if (end === undefined || fetchOffset <= end) continue
        const beyond = this.#beyond.get(call.session) ?? new Set()
        this.#beyond.set(call.session, beyond.add(name))
      }
    }
  }

  judgeListOffsets(call: Call): Verdict | null {
    const beyond = this.#beyond.get(call.session)
    if (beyond === undefined) return null
    const asked = new Set<string>()
    for (const { name, partitions } of bodyOf(ListOffsets, call).topics) {
      for (const { partitionIndex, timestamp } of partitions) {
        const partition = `${name}-${partitionIndex}`
        if (RESETS.has(timestamp) && beyond.has(partition)) asked.add(partition)
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
          beyond.delete(key)
        }
      }
      return answerTo(ListOffsets, call, body)
    }
    return { kind: 'pass', change }
  }
}
