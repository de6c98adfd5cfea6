import { join } from 'node:path'
import { run } from 'node:test'
import { inspect } from 'node:util'
import { killMarked } from './leftovers.ts'
import type { FileResult } from './results.ts'
import { type FileWork, PORTS_PER_FILE, root } from './suites.ts'

/** Called as tests and files end, so that a long run is seen to go on. */
export type Watcher = {
  readonly onTest: (file: string, test: string, passed: boolean) => void
  readonly onFile: (result: FileResult) => void
  /** What a file says while it runs, line by line. */
  readonly onLine?: (line: string) => void
}

export type FileRunOptions = { readonly signal: AbortSignal; readonly grep: string | undefined }

type Tally = { -readonly [Key in keyof FileResult]: FileResult[Key] } & {
  failures: FileResult['failures'][number][]
  skips: FileResult['skips'][number][]
  output: string
}

/** The parts of node:test's events that count; see "Class: TestsStream" in Node's documentation. */
type TestEvent = {
  readonly name: string
  readonly skip?: string | boolean
  readonly details: { readonly type?: string; readonly error?: Error }
}

const OUTPUT_KEPT_MAX = 20_000
/** How long a file may take to end after it was told to, before it is killed. */
const END_GRACE_MS = 3_000
const WHOLE_FILE = '(the whole file)'

/** Runs test files, each in a process of its own and within its time, `filesAtOnce` side by side. */
export async function runFiles(
  files: readonly string[],
  work: FileWork,
  options: FileRunOptions,
  watcher: Watcher,
): Promise<FileResult[]> {
  const results: FileResult[] = []
  const queue = [...files]
  const worker = async (_: unknown, index: number): Promise<void> => {
    const place = { ...options, limitMs: work.fileLimitMs, environment: environmentOf(work, index) }
    const { onLine: _unheard, ...silent } = watcher
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const result = await runFile(file, place, work.tells ? watcher : silent)
      results.push(result)
      watcher.onFile(result)
    }
  }
  await Promise.all(Array.from({ length: work.filesAtOnce }, worker))
  return results.sort((a, b) => files.indexOf(a.file) - files.indexOf(b.file))
}

/** What the processes of one of the workers see: files that run side by side must not take each other's ports. */
function environmentOf({ portsFrom }: FileWork, worker: number): NodeJS.ProcessEnv {
  if (portsFrom === undefined) return process.env
  const from = Number(process.env.KMC_TEST_PORT ?? portsFrom)
  return { ...process.env, KMC_TEST_PORT: String(from + worker * PORTS_PER_FILE) }
}

type Place = FileRunOptions & { readonly limitMs: number; readonly environment: NodeJS.ProcessEnv }

async function runFile(file: string, place: Place, watcher: Watcher): Promise<FileResult> {
  const { signal, limitMs } = place
  const startedAtMs = Date.now()
  const tally: Tally = { file, passed: 0, failures: [], skips: [], durationMs: 0, output: '' }
  const limit = AbortSignal.timeout(limitMs)
  const ending = AbortSignal.any([signal, limit])
  // Told to end, a process may still hold on; then it is killed, or the run would wait for it forever.
  const kill = () =>
    setTimeout(() => killMarked((command) => command.includes(join(root, file))), END_GRACE_MS).unref()
  ending.addEventListener('abort', kill, { once: true })
  if (signal.aborted) fail(tally, 'Not run: the whole run was ended before.')
  else await collect(tally, { ...place, signal: ending }, watcher)
  ending.removeEventListener('abort', kill)
  if (limit.aborted)
    fail(tally, `Ended after ${limitMs} ms, which is all that a file of this suite may take.`)
  const { output: _, ...result } = tally
  return { ...result, durationMs: Date.now() - startedAtMs }
}

async function collect(tally: Tally, place: Place, watcher: Watcher): Promise<void> {
  const { signal, grep, environment } = place
  // node:test writes into the reason, which is an exit code here and would end this process with what it has started.
  const ended = new AbortController()
  signal.addEventListener('abort', () => ended.abort(new Error('the run was ended')), { once: true })
  const stream = run({
    files: [join(root, tally.file)],
    cwd: root,
    signal: ended.signal,
    env: environment,
    execArgv: ['--disable-warning=ExperimentalWarning'],
    ...(grep === undefined ? {} : { testNamePatterns: grep }),
  })
  stream.on('test:pass', (event: TestEvent) => record(tally, event, true, watcher))
  stream.on('test:fail', (event: TestEvent) => record(tally, event, false, watcher))
  for (const name of ['test:stdout', 'test:stderr'] as const) {
    stream.on(name, ({ message }: { message: string }) => {
      tally.output = (tally.output + message).slice(-OUTPUT_KEPT_MAX)
      for (const line of message.split('\n')) if (line.trim() !== '') watcher.onLine?.(line)
    })
  }
  for await (const _event of stream);
}

/** Counts one test; `describe`s around tests are none. */
function record(tally: Tally, event: TestEvent, passed: boolean, watcher: Watcher): void {
  if (event.details.type === 'suite') return
  const isWholeFile = event.name === join(root, tally.file)
  const test = isWholeFile ? WHOLE_FILE : event.name
  if (event.skip !== undefined && event.skip !== false) {
    const reason = typeof event.skip === 'string' && event.skip !== '' ? event.skip : 'no reason given'
    tally.skips.push({ file: tally.file, test, reason })
  } else if (passed && isWholeFile) {
    fail(tally, 'The file holds no test.')
  } else if (passed) {
    tally.passed += 1
  } else {
    const output = isWholeFile && tally.output !== '' ? `\n${tally.output.trim()}` : ''
    tally.failures.push({ file: tally.file, test, details: explain(event.details.error) + output })
  }
  watcher.onTest(tally.file, test, passed)
}

function fail(tally: Tally, details: string): void {
  tally.failures.push({ file: tally.file, test: WHOLE_FILE, details })
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
