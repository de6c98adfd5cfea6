import { burrowDefaults, type Commit } from './evaluate.ts'

export type WindowOptions = {
  /** Commits, and looks at the log's end, that are kept. */
  readonly intervals: number
  /** A commit that follows sooner takes the place of the one before, whose time it keeps. */
  readonly minDistanceMs: number
  /** Commits older than this are not taken in. */
  readonly expireMs: number
}

const WEEK_MS = 7 * 24 * 60 * 60 * 1_000

export const windowDefaults: WindowOptions = {
  intervals: burrowDefaults.intervals,
  minDistanceMs: 0,
  expireMs: WEEK_MS,
}

/** The last commits of one group on one partition, as Burrow's storage keeps them. */
export class CommitWindow {
  readonly #options: WindowOptions
  #commits: Commit[] = []

  constructor(options: WindowOptions = windowDefaults) {
    this.#options = options
  }

  /** Oldest first. */
  get commits(): readonly Commit[] {
    return this.#commits
  }

  /** Takes a commit in, made at `at`; `end`: the log's end as last seen, null when it was never seen. */
  note(offset: number, at: number, end: number | null, now: number): void {
    const { intervals, minDistanceMs, expireMs } = this.#options
    if (at < now - expireMs) return
    const last = this.#commits.at(-1)
    const isSoon = last !== undefined && at - last.at < minDistanceMs
    // The end is looked at now and then only: a group that is ahead of the last look has caught up.
    const lag = end === null ? null : Math.max(0, end - offset)
    const commit = { offset, at: isSoon ? last.at : at, lag }
    const kept = isSoon ? this.#commits.slice(0, -1) : this.#commits.slice(1 - intervals)
    this.#commits = [...kept, commit]
  }
}

/** The last looks at the end of one partition's log, oldest first; returns a new list. */
export function withEnd(
  ends: readonly number[],
  end: number,
  intervals = burrowDefaults.intervals,
): readonly number[] {
  return [...ends.slice(1 - intervals), end]
}
