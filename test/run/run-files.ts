import { join, relative } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'
import type { FileResult } from './results.ts'
import { type FileWork, root } from './suites.ts'

/** Called as tests end, so that a long file is seen to go on. */
export type Watcher = {
  readonly onTest: (file: string, test: string, passed: boolean) => void
  readonly onFile: (result: FileResult) => void
}

type Tally = { -readonly [Key in keyof FileResult]: FileResult[Key] } & {
  failures: FileResult['failures'][number][]
  skips: FileResult['skips'][number][]
  output: string
}

/** The parts of node:test's events that count; see "Class: TestsStream" in Node's documentation. */
type TestEvent = {
  readonly name: string
  readonly file?: string
  readonly skip?: string | boolean
  readonly todo?: string | boolean
  readonly details: { readonly type?: string; readonly duration_ms: number; readonly error?: Error }
}

const OUTPUT_KEPT_MAX = 20_000

/** Runs test files, each in a process of its own, and counts every test (not the `describe`s around them). */
export async function runFiles(
  files: readonly string[],
  work: FileWork,
  options: { readonly signal: AbortSignal; readonly grep: string | undefined },
  watcher: Watcher,
): Promise<FileResult[]> {
  const tallies = new Map<string, Tally>(files.map((file) => [file, emptyTally(file)]))
  const stream = run({
    files: files.map((file) => join(root, file)),
    cwd: root,
    concurrency: work.filesAtOnce,
    timeout: work.fileLimitMs,
    signal: options.signal,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    ...(options.grep === undefined ? {} : { testNamePatterns: options.grep }),
  })
  const tallyOf = (event: { file?: string; name?: string }): Tally | undefined =>
    tallies.get(relative(root, event.file ?? event.name ?? ''))
  stream.on('test:pass', (event: TestEvent) => record(tallyOf(event), event, true, watcher))
  stream.on('test:fail', (event: TestEvent) => record(tallyOf(event), event, false, watcher))
  for (const name of ['test:stdout', 'test:stderr'] as const) {
    stream.on(name, (event: { file: string; message: string }) => {
      const tally = tallyOf(event)
      if (tally) tally.output = (tally.output + event.message).slice(-OUTPUT_KEPT_MAX)
    })
  }
  stream.on('test:summary', (event: { file?: string; duration_ms: number }) => {
    const tally = event.file === undefined ? undefined : tallyOf(event)
    if (tally === undefined) return
    tally.durationMs = event.duration_ms
    watcher.onFile(finished(tally))
  })
  for await (const _event of stream);
  return [...tallies.values()].map(finished)
}

function emptyTally(file: string): Tally {
  return { file, passed: 0, failures: [], skips: [], durationMs: 0, output: '' }
}

function record(tally: Tally | undefined, event: TestEvent, passed: boolean, watcher: Watcher): void {
  if (tally === undefined || event.details.type === 'suite') return
  const isWholeFile = event.name === event.file || event.name === join(root, tally.file)
  const test = isWholeFile ? '(the whole file)' : event.name
  if (event.skip !== undefined && event.skip !== false) {
    tally.skips.push({
      file: tally.file,
      test,
      reason: event.skip === true ? 'no reason given' : String(event.skip),
    })
  } else if (passed && isWholeFile) {
    tally.failures.push({ file: tally.file, test, details: 'The file holds no test.' })
  } else if (passed) {
    tally.passed += 1
  } else {
    const output = isWholeFile && tally.output !== '' ? `\n${tally.output.trim()}` : ''
    tally.failures.push({ file: tally.file, test, details: explain(event.details.error) + output })
  }
  watcher.onTest(tally.file, test, passed)
}

/** node:test wraps what a test threw; the cause has the message and the place. */
function explain(error: Error | undefined): string {
  const thrown = error?.cause ?? error
  if (!(thrown instanceof Error)) return typeof thrown === 'string' ? thrown : inspect(thrown)
  const text = thrown.stack ?? thrown.message
  return text
    .split('\n')
    .filter((line) => !/^\s+at .*\(?node:/.test(line))
    .map((line) => line.replaceAll(`file://${root}/`, '').replaceAll(`${root}/`, ''))
    .join('\n')
}

function finished(tally: Tally): FileResult {
  const { output: _, ...result } = tally
  return result
}
