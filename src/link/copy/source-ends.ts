import type { PartitionCopier } from '../copier/partition.ts'

/** Samples kept of one partition's growth while it lags. */
const SAMPLES_MAX = 256
const SAMPLE_EVERY_MS = 1_000

/** Two lists of plain numbers: 4 KiB a partition when full, where objects took 17. */
type History = { times: number[]; ends: number[]; everyMs: number }

/** `at` is when it was last seen, `since` when the source was first seen to end there. */
type Latest = { at: number; readonly end: number; readonly since: number }

/**
 * When the source's last stable offsets stood where: this gives lag in seconds without trusting record timestamps,
 * as the time since the source first held an offset that the mirror lacks.
 */
export class SourceEnds {
  readonly #histories = new Map<PartitionCopier, History>()
  readonly #latest = new Map<PartitionCopier, Latest>()

  note(copier: PartitionCopier, end: number, at: number): void {
    if (end < 0) return
    const known = this.#latest.get(copier)
    // True of every quiet partition at each answer, so it must cost next to nothing.
    if (known?.end === end) {
      known.at = at
      return
    }
    this.#latest.set(copier, { at, end, since: at })
    const history = this.#historyOf(copier)
    const { times, ends } = history
    const last = times.length - 1
    if (last >= 0 && (ends[last] === end || at - times[last]! < history.everyMs)) return
    times.push(at)
    ends.push(end)
    // Of those that the mirror has passed one is enough: it tells that the source was seen before it held the next.
    const ahead = ends.findIndex((one) => one > (copier.confirmed ?? 0))
    const passed = Math.max(0, (ahead < 0 ? ends.length : ahead) - 1)
    times.splice(0, passed)
    ends.splice(0, passed)
    if (times.length <= 2) history.everyMs = SAMPLE_EVERY_MS
    if (times.length > SAMPLES_MAX) thin(history)
  }

  forget(copier: PartitionCopier): void {
    this.#histories.delete(copier)
    this.#latest.delete(copier)
  }

  latest(copier: PartitionCopier): Readonly<Latest> | null {
    return this.#latest.get(copier) ?? null
  }

  /**
   * Milliseconds for which the source has held more than `position`; 0 when it does not, null when unknown.
   * A backlog that was there when the source was first seen is dated by `timestamp`, that of its oldest record.
   */
  behindMs(copier: PartitionCopier, position: number, timestamp: number | null, now: number): number | null {
    const latest = this.#latest.get(copier)
    if (latest === undefined) return null
    if (latest.end <= position) return 0
    const { times, ends } = this.#historyOf(copier)
    const first = ends.findIndex((end) => end > position)
    if (first < 0) return Math.max(0, now - latest.since)
    if (first > 0) return Math.max(0, now - times[first]!)
    if (timestamp === null || timestamp < 0) return null
    return Math.max(now - timestamp, now - times[0]!, 0)
  }

  #historyOf(copier: PartitionCopier): History {
    const known = this.#histories.get(copier)
    if (known !== undefined) return known
    const made: History = { times: [], ends: [], everyMs: SAMPLE_EVERY_MS }
    this.#histories.set(copier, made)
    return made
  }
}

/** Every second one goes: the history reaches as far back as before, and is half as fine from here on. */
function thin(history: History): void {
  const isKept = (_: number, index: number) => index % 2 === 0
  history.times = history.times.filter(isKept)
  history.ends = history.ends.filter(isKept)
  history.everyMs *= 2
}
