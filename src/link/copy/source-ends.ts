import type { PartitionCopier } from '../copier/partition.ts'

/** Samples kept of one partition's growth; at one a second this is four minutes of history. */
const SAMPLES_MAX = 256
const SAMPLE_EVERY_MS = 1_000

type Sample = { readonly at: number; readonly end: number }
/** Two lists of plain numbers: 4 KiB a partition when full, where objects took 17. */
type History = { readonly times: number[]; readonly ends: number[] }

/**
 * When the source's last stable offsets stood where: this gives lag in seconds without trusting record timestamps,
 * as the time since the source first held an offset that the mirror lacks.
 */
export class SourceEnds {
  readonly #histories = new Map<PartitionCopier, History>()
  readonly #latest = new Map<PartitionCopier, Sample>()

  note(copier: PartitionCopier, end: number, at: number): void {
    if (end < 0) return
    this.#latest.set(copier, { at, end })
    const { times, ends } = this.#historyOf(copier)
    const last = times.length - 1
    if (last >= 0 && (ends[last] === end || at - times[last]! < SAMPLE_EVERY_MS)) return
    times.push(at)
    ends.push(end)
    if (times.length <= SAMPLES_MAX) return
    times.shift()
    ends.shift()
  }

  forget(copier: PartitionCopier): void {
    this.#histories.delete(copier)
    this.#latest.delete(copier)
  }

  latest(copier: PartitionCopier): Sample | null {
    return this.#latest.get(copier) ?? null
  }

  /**
   * Milliseconds for which the source has held more than `position`; 0 when it does not, null when unknown.
   * A backlog older than the history is dated by `reachedTimestamp`, the newest record time the mirror has.
   */
  behindMs(
    copier: PartitionCopier,
    position: number,
    reachedTimestamp: number | null,
    now: number,
  ): number | null {
    const latest = this.#latest.get(copier)
    if (latest === undefined) return null
    if (latest.end <= position) return 0
    const { times, ends } = this.#historyOf(copier)
    const first = ends.findIndex((end) => end > position)
    if (first < 0) return Math.max(0, now - latest.at)
    if (first > 0) return Math.max(0, now - times[first]!)
    if (reachedTimestamp === null || reachedTimestamp < 0) return null
    return Math.max(now - reachedTimestamp, now - times[0]!, 0)
  }

  #historyOf(copier: PartitionCopier): History {
    const known = this.#histories.get(copier)
    if (known !== undefined) return known
    const made = { times: [], ends: [] }
    this.#histories.set(copier, made)
    return made
  }
}
