import { type Verdict, verdictCodes } from './verdict.ts'

/** One commit of a group on a partition. `at`: when it was made, in milliseconds. */
export type Commit = {
  readonly offset: number
  readonly at: number
  /** How far the log's end, as known then, was ahead; null when no end was known. */
  readonly lag: number | null
}

/** What a verdict rests on: the last commits and the last looks at the log's end, both oldest first. */
export type Evidence = {
  readonly commits: readonly Commit[]
  readonly ends: readonly number[]
  readonly currentLag: number
}

export type BurrowRules = {
  /** How many commits a full window holds. */
  readonly intervals: number
  /** A lag that is no fault. */
  readonly allowedLag: number
  /** Share of the window that must be filled before anything but OK is said; Burrow's default is 0. */
  readonly minimumComplete: number
}

export const burrowDefaults: BurrowRules = { intervals: 10, allowedLag: 0, minimumComplete: 0 }

export type PartitionVerdict = {
  readonly status: Verdict
  /** How full the window is, 0 to 1. */
  readonly complete: number
}

const SECOND_MS = 1_000

/**
 * Burrow's verdict on one partition of a group, by the rules of its evaluator (1.3 to 1.9: `evaluator/caching.go`).
 * `now` counts in whole seconds there, and so it does here.
 */
export function judgePartition(
  evidence: Evidence,
  now: number,
  rules: BurrowRules = burrowDefaults,
): PartitionVerdict {
  const complete = Math.min(1, evidence.commits.length / rules.intervals)
  const isJudged = evidence.commits.length > 0 && complete >= rules.minimumComplete
  const nowMs = Math.floor(now / SECOND_MS) * SECOND_MS
  return { status: isJudged ? statusOf(evidence, nowMs, rules.allowedLag) : 'OK', complete }
}

function statusOf({ commits, ends, currentLag }: Evidence, now: number, allowedLag: number): Verdict {
  if (currentLag <= allowedLag) return 'OK'
  if (hasStopped(commits, now) && !caughtUpRecently(commits, ends)) return 'STOP'
  if (isRewound(commits)) return 'REWIND'
  if (commits.some(({ lag }) => lag !== null && lag <= allowedLag)) return 'OK'
  if (commits.every(({ offset }) => offset === commits[0]!.offset)) return 'STALL'
  return lagNeverFalls(commits) ? 'WARN' : 'OK'
}

/** Nothing has been committed for longer than the whole window took. */
function hasStopped(commits: readonly Commit[], now: number): boolean {
  const last = commits.at(-1)!.at
  return now - last > last - commits[0]!.at
}

/** At one of the last looks the log ended where the group stands: it may only have had nothing to commit. */
function caughtUpRecently(commits: readonly Commit[], ends: readonly number[]): boolean {
  const { offset } = commits.at(-1)!
  return ends.some((end) => end <= offset)
}

/** The first step back in the window has not been made good since. */
function isRewound(commits: readonly Commit[]): boolean {
  const back = commits.findIndex(({ offset }, at) => at > 0 && offset < commits[at - 1]!.offset)
  if (back < 0) return false
  const before = commits[back - 1]!.offset
  return !commits.some(({ offset }, at) => at >= back && offset >= before)
}

function lagNeverFalls(commits: readonly Commit[]): boolean {
  let last = 0
  for (const { lag } of commits) {
    if (lag === null) continue
    if (lag < last) return false
    last = lag
  }
  return true
}

/** A group is as bad as its worst partition; all that is worse than WARN is ERR. A group of none is OK. */
export function judgeGroup(partitions: readonly PartitionVerdict[]): PartitionVerdict {
  let worst = verdictCodes.OK
  let full = 0
  for (const { status, complete } of partitions) {
    worst = Math.max(worst, verdictCodes[status])
    if (complete === 1) full += 1
  }
  const status = worst >= verdictCodes.ERR ? 'ERR' : worst === verdictCodes.WARN ? 'WARN' : 'OK'
  return { status, complete: partitions.length === 0 ? 0 : full / partitions.length }
}
