import { randomUUID } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { endLeftovers, RUN_MARK } from './leftovers.ts'
import { prepareBrokers } from './prepare.ts'
import { type FileResult, type Report, reportOf, type SuiteResult } from './results.ts'
import { runCommand } from './run-command.ts'
import { runFiles, type Watcher } from './run-files.ts'
import { type ChosenSuite, root } from './suites.ts'

export type RunOptions = {
  readonly chosen: readonly ChosenSuite[]
  readonly grep: string | undefined
  /** The whole run ends after this; what has not run by then has failed. */
  readonly limitMs: number
  readonly signal: AbortSignal
}

export type RunWatcher = Watcher & {
  readonly onSuite: (suite: ChosenSuite) => void
  readonly onSuiteEnd: (result: SuiteResult) => void
  /** Something that takes a while and is no test: a download. */
  readonly onProgress: (text: string) => void
}

/** How long processes of a suite may take to end after it. */
const LEFTOVER_GRACE_MS = 10_000

export const resultsPath: string = join(root, '.kmc', 'test', 'results.json')

/** Runs the suites one after another, within the limit, and writes the report to `resultsPath`. */
export async function runTests(options: RunOptions, watcher: RunWatcher): Promise<Report> {
  const startedAtMs = Date.now()
  const mark = randomUUID()
  process.env[RUN_MARK] = mark
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(options.limitMs)])
  const results: SuiteResult[] = []
  for (const suite of options.chosen) {
    watcher.onSuite(suite)
    const suiteStartedAtMs = Date.now()
    const files = signal.aborted
      ? [notRun(suite)]
      : await runSuite(suite, { signal, grep: options.grep, mark }, watcher)
    const result = { suite: suite.suite.name, files, durationMs: Date.now() - suiteStartedAtMs }
    results.push(result)
    watcher.onSuiteEnd(result)
  }
  const report = reportOf(results, startedAtMs, Date.now())
  await mkdir(dirname(resultsPath), { recursive: true })
  await writeFile(resultsPath, `${JSON.stringify(report, null, 2)}\n`)
  return report
}

async function runSuite(
  { suite, files }: ChosenSuite,
  options: { readonly signal: AbortSignal; readonly grep: string | undefined; readonly mark: string },
  watcher: RunWatcher,
): Promise<FileResult[]> {
  const { work } = suite
  const lacking = suite.kind !== 'unit' ? await prepareBrokers(watcher.onProgress, options.signal) : null
  if (lacking !== null) return [failedResult(suite.name, 'real brokers can be started', lacking)]
  const results =
    'program' in work
      ? [await runCommand(suite.name, work, options.signal)]
      : await runFiles(files, work, options, watcher)
  const left = await endLeftovers(options.mark, LEFTOVER_GRACE_MS)
  if (left.length === 0) return results
  const details = left.map(({ pid, command }) => `process ${pid}: ${command.slice(0, 300)}`).join('\n')
  return [...results, failedResult(suite.name, 'leaves no process behind', details)]
}

function notRun({ suite }: ChosenSuite): FileResult {
  return failedResult(
    suite.name,
    'runs within the time limit',
    'Not run: the time of the whole run was over.',
  )
}

function failedResult(file: string, test: string, details: string): FileResult {
  return { file, passed: 0, failures: [{ file, test, details }], skips: [], durationMs: 0 }
}
