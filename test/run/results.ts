/** One test that failed; `details` is what an operator reads: message, difference, place. */
export type Failure = { readonly file: string; readonly test: string; readonly details: string }

export type Skip = { readonly file: string; readonly test: string; readonly reason: string }

/** What one file (or one command) did. */
export type FileResult = {
  readonly file: string
  readonly passed: number
  readonly failures: readonly Failure[]
  readonly skips: readonly Skip[]
  readonly durationMs: number
}

export type SuiteResult = {
  readonly suite: string
  readonly files: readonly FileResult[]
  readonly durationMs: number
}

/** The document that `.kmc/test/results.json` holds and `-o json` prints. */
export type Report = {
  readonly startedAt: string
  readonly durationMs: number
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly suites: readonly SuiteResult[]
}

export function reportOf(suites: readonly SuiteResult[], startedAtMs: number, endedAtMs: number): Report {
  const files = suites.flatMap((suite) => suite.files)
  const sum = (count: (file: FileResult) => number) => files.reduce((total, file) => total + count(file), 0)
  return {
    startedAt: new Date(startedAtMs).toISOString(),
    durationMs: endedAtMs - startedAtMs,
    passed: sum((file) => file.passed),
    failed: sum((file) => file.failures.length),
    skipped: sum((file) => file.skips.length),
    suites,
  }
}

/** The last line of every run, exactly in this form: other programs read it. */
export function lastLine(report: Report): string {
  return `${report.passed} passed, ${report.failed} failed, ${report.skipped} skipped`
}
