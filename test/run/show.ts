import { Exit, type ExitCode } from '../../src/cli/exit.ts'
import type { Output } from '../../src/cli/output.ts'
import { LiveArea } from '../../src/cli/terminal/progress.ts'
import { formatDuration } from '../../src/cli/terminal/units.ts'
import { type FileResult, lastLine, type Report, type SuiteResult } from './results.ts'
import { type RunOptions, resultsPath, runTests } from './run-tests.ts'
import type { ChosenSuite } from './suites.ts'

/** What `kmc test --list` prints. */
export async function listTests(chosen: readonly ChosenSuite[], out: Output): Promise<ExitCode> {
  const rows = chosen.flatMap(({ suite, files }) =>
    (files.length === 0 ? [suite.what] : files).map((file) => ({ suite: suite.name, file })),
  )
  const columns = [
    { title: 'suite', value: (row: (typeof rows)[number]) => row.suite },
    { title: 'file', value: (row: (typeof rows)[number]) => row.file },
  ]
  await out.rows(rows, columns, 'No test.')
  return Exit.ok
}

/** Runs the tests and shows them as they end: a live line on a terminal, a line a file on a pipe. */
export async function showRun(options: RunOptions, out: Output): Promise<Report> {
  const screen = new Screen(out)
  const report = await runTests(options, {
    onSuite: (suite) => screen.beginSuite(suite),
    onTest: (file, test, passed) => screen.countTest(file, test, passed),
    onFile: (result) => screen.endFile(result),
    onSuiteEnd: (result) => screen.endSuite(result),
    onProgress: (text) => screen.tell(text),
    onLine: (text) => screen.say(text),
  })
  await out.value(report, () => {
    if (report.failed > 0) out.line(`\n${failedNames(report)}`)
    if (report.passed === 0) out.line('Nothing passed: a run without tests proves nothing.')
    out.line(`${formatDuration(report.durationMs)}; details in ${resultsPath}`)
    out.line(lastLine(report))
  })
  return report
}

function failedNames(report: Report): string {
  const failures = report.suites.flatMap((suite) => suite.files.flatMap((file) => file.failures))
  return ['Failed:', ...failures.map(({ file, test }) => `  ${file} › ${test}`)].join('\n')
}

const TICK_MS = 1000

class Screen {
  readonly #out: Output
  readonly #live: LiveArea
  readonly #shownFailures = new Set<unknown>()
  #suite = ''
  #suiteStartedAtMs = 0
  #files = { done: 0, total: 0 }
  #tests = { passed: 0, failed: 0 }
  #latest = ''
  #ticker: NodeJS.Timeout | undefined

  constructor(out: Output) {
    this.#out = out
    this.#live = new LiveArea(out.stderr)
  }

  beginSuite({ suite, files }: ChosenSuite): void {
    this.#suite = suite.name
    this.#suiteStartedAtMs = Date.now()
    this.#files = { done: 0, total: files.length }
    this.#tests = { passed: 0, failed: 0 }
    this.#latest = suite.what
    this.#redraw()
    this.#ticker = setInterval(() => this.#redraw(), TICK_MS)
    if (!this.#live.isLive) this.#out.note(`# ${suite.name}: ${suite.what}`)
  }

  countTest(file: string, test: string, passed: boolean): void {
    this.#tests[passed ? 'passed' : 'failed'] += 1
    this.#latest = `${file} › ${test}`
    this.#redraw()
  }

  tell(text: string): void {
    if (!this.#live.isLive && this.#latest !== text) this.#out.note(text)
    this.#latest = text
    this.#redraw()
  }

  /** A line that stays. */
  say(text: string): void {
    this.#live.clear()
    this.#out.note(text)
    this.#redraw()
  }

  endFile(result: FileResult): void {
    this.#files.done += 1
    this.#show(result)
    if (!this.#live.isLive)
      this.#out.note(`${verdict(result)} ${result.file} (${numbers([result], result.durationMs)})`)
    this.#redraw()
  }

  endSuite(result: SuiteResult): void {
    clearInterval(this.#ticker)
    this.#live.clear()
    for (const file of result.files) this.#show(file)
    const { good, bad } = this.#out.palette
    const failed = result.files.some((file) => file.failures.length > 0)
    const mark = failed ? bad('✗') : good('✓')
    this.#print(`${mark} ${result.suite.padEnd(6)} ${numbers(result.files, result.durationMs)}`)
  }

  /** Failures at once and in full, skips loudly; each only once, since a file is seen again with its suite. */
  #show(result: FileResult): void {
    for (const failure of result.failures) {
      if (this.#isShown(failure)) continue
      const indented = failure.details.replaceAll('\n', '\n    ')
      this.#print(`${this.#out.palette.bad('failed:')} ${failure.file} › ${failure.test}\n    ${indented}`)
    }
    for (const skip of result.skips) {
      if (this.#isShown(skip)) continue
      this.#print(`${this.#out.palette.warn('skipped:')} ${skip.reason} (${skip.file} › ${skip.test})`)
    }
  }

  #isShown(thing: unknown): boolean {
    const isShown = this.#shownFailures.has(thing)
    this.#shownFailures.add(thing)
    return isShown
  }

  #print(text: string): void {
    if (this.#out.format !== 'table') return
    this.#live.clear()
    this.#out.line(text)
  }

  #redraw(): void {
    const { passed, failed } = this.#tests
    const files = this.#files.total > 0 ? ` files ${this.#files.done}/${this.#files.total}` : ''
    const counts = passed + failed > 0 ? `, ${passed} passed, ${failed} failed` : ''
    const since = formatDuration(Math.floor((Date.now() - this.#suiteStartedAtMs) / 1000) * 1000)
    this.#live.draw([`  ${this.#suite}${files}${counts} (${since})  ${this.#latest}`])
  }
}

function verdict(result: FileResult): string {
  return result.failures.length > 0 ? 'FAILED ' : 'ok     '
}

function numbers(files: readonly FileResult[], durationMs: number): string {
  const passed = files.reduce((sum, file) => sum + file.passed, 0)
  const failed = files.reduce((sum, file) => sum + file.failures.length, 0)
  const skipped = files.reduce((sum, file) => sum + file.skips.length, 0)
  const parts = [`${passed} passed`]
  if (failed > 0) parts.push(`${failed} failed`)
  if (skipped > 0) parts.push(`${skipped} skipped`)
  return `${parts.join(', ')}, ${formatDuration(durationMs)}`
}
