import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { type Access, kcatOptions } from '../harness/access.ts'
import { waitUntil } from '../harness/wait.ts'
import type { Journal } from './check/journal.ts'

const TICK_MS = 50
const STOP_MS = 60_000
/** kcat reads its input by the kibibyte: a line of that length is sent at once. */
const PADDING = '.'.repeat(1_024)
const DELIVERED = /^% Message delivered to partition \d+ \(offset (\d+)\)/

export type KcatSpec = {
  readonly name: string
  readonly topic: string
  readonly partition: number
  readonly perSecond: number
  readonly isIdempotent: boolean
}

/** One process of kcat: the ids that it was given begin here, and it reports them in their order. */
type Run = { readonly child: ChildProcess; readonly firstId: number; delivered: number; isOver: boolean }

/**
 * kcat as a writer of one partition: one request on its way at a time, so that what it reports as delivered comes in
 * the order of the ids that it was given. It ends by itself whenever its only broker connection breaks, and is started
 * again, as in a shell's loop. Values are those of the Java journals: `writer:id:transaction:padding`.
 */
export class KcatWriter {
  readonly #spec: KcatSpec
  readonly #access: Access
  readonly #timer: NodeJS.Timeout
  readonly #offsets = new Map<number, number>()
  readonly #trouble: string[] = []
  #run: Run
  #sent = 0
  #isStopping = false

  private constructor(access: Access, spec: KcatSpec) {
    this.#access = access
    this.#spec = spec
    this.#run = this.#begin()
    const startedAt = Date.now()
    this.#timer = setInterval(() => this.#write(startedAt), TICK_MS)
  }

  static start(access: Access, spec: KcatSpec): KcatWriter {
    return new KcatWriter(access, spec)
  }

  get acknowledged(): number {
    return this.#offsets.size
  }
  get trouble(): readonly string[] {
    return this.#trouble
  }

  /** Ends the input, waits until everything is delivered, and gives what became of each id. */
  async stop(): Promise<Journal> {
    clearInterval(this.#timer)
    this.#isStopping = true
    this.#run.child.stdin!.end()
    await waitUntil(`${this.#spec.name} ends`, () => this.#run.isOver, { withinMs: STOP_MS })
    const { name, partition } = this.#spec
    const ids = Array.from({ length: this.#sent }, (_, id) => id)
    const records = ids.map((id) => {
      const offset = this.#offsets.get(id)
      const outcome = offset === undefined ? ('unknown' as const) : ('acknowledged' as const)
      return { partition, outcome, offset: offset ?? -1 }
    })
    return { writer: name, isOrdered: true, records }
  }

  /** For a test that failed: nothing of it goes on. */
  kill(): void {
    clearInterval(this.#timer)
    this.#isStopping = true
    this.#run.child.kill('SIGKILL')
  }

  #begin(): Run {
    const { topic, partition, isIdempotent } = this.#spec
    const settings = {
      'enable.idempotence': String(isIdempotent),
      'max.in.flight.requests.per.connection': '1',
      'message.timeout.ms': '300000',
      'linger.ms': '5',
    }
    const options = Object.entries(settings).flatMap(([name, value]) => ['-X', `${name}=${value}`])
    const words = ['-P', '-vvv', '-t', topic, '-p', String(partition), ...options]
    const child = spawn('kcat', [...kcatOptions(this.#access), ...words], {
      stdio: ['pipe', 'ignore', 'pipe'],
    })
    const run = { child, firstId: this.#sent, delivered: 0, isOver: false }
    createInterface({ input: child.stderr! }).on('line', (line) => this.#heard(run, line))
    // What it was to write when it ended is nobody's.
    child.stdin!.on('error', () => {})
    child.on('close', () => {
      run.isOver = true
      if (!this.#isStopping) this.#run = this.#begin()
    })
    return run
  }

  #write(startedAt: number): void {
    const due = Math.floor(((Date.now() - startedAt) * this.#spec.perSecond) / 1_000)
    for (; this.#sent < due; this.#sent++)
      this.#run.child.stdin!.write(`${this.#spec.name}:${this.#sent}:0:${PADDING}\n`)
  }

  #heard(run: Run, line: string): void {
    const found = DELIVERED.exec(line)
    if (found !== null) this.#offsets.set(run.firstId + run.delivered++, Number(found[1]))
    else if (/failed|ERROR/.test(line)) this.#trouble.push(line)
  }
}
