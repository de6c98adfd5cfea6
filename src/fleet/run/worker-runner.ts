import { messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import type { RunningWorker, WorkerExit } from '../../link/worker/spawn.ts'
import type { Trouble, WorkerEnd, WorkerStatus } from './fleet-status.ts'
import { afterExit, freshMemory, type RestartMemory } from './restart-policy.ts'

/** The part of a worker that a runner uses; a test gives its own. */
export type WorkerProcess<Status> = Pick<
  RunningWorker<Status>,
  'pid' | 'onStatus' | 'onExit' | 'stop' | 'kill'
>

export type { WorkerExit }

export type WorkerRunnerOptions<Spec, Status> = {
  /** What it works on. */
  readonly kind: 'link' | 'route'
  /** Asked before every start, so that a changed secret or port counts. */
  readonly spec: () => Promise<Spec>
  readonly spawn: (spec: Spec) => WorkerProcess<Status>
  /** What the last status adds to the words for an end; null: nothing. */
  readonly lastWords?: (exit: WorkerExit, status: Status | null) => string | null
  readonly log: Log
  readonly random?: () => number
}

/** Statuses come every second; a machine that is very busy may hold them up for some. */
const SILENT_AFTER_MS = 20_000
const SILENCE_MAX_MS = 120_000
const SILENCE_LOOK_MS = 5_000
const SILENCED: WorkerExit = { code: null, signal: 'SIGKILL', reason: 'it had fallen silent' }

/**
 * Keeps the worker of one link, or the gateway of one route, running: starts it, starts it again when it ends by itself
 * (when, restart-policy decides), and remembers the last status it sent.
 */
export class WorkerRunner<Spec, Status> {
  readonly name: string
  readonly #options: WorkerRunnerOptions<Spec, Status>
  #worker: {
    readonly process: WorkerProcess<Status>
    readonly pid: number
    readonly startedAt: number
  } | null = null
  #timer: NodeJS.Timeout | null = null
  #nextStartAt: number | null = null
  #memory: RestartMemory = freshMemory
  #lastEnd: WorkerEnd | null = null
  #starts = 0
  #status: Status | null = null
  /** When the running worker last said anything; null until it has. */
  #heardAt: number | null = null
  #watchdog: NodeJS.Timeout | null = null
  /** It was told to end since it said nothing. */
  #isSilenced = false
  #wanted = false
  #launching: Promise<void> = Promise.resolve()

  constructor(name: string, options: WorkerRunnerOptions<Spec, Status>) {
    this.name = name
    this.#options = options
  }

  /** The last status a worker sent; kept over a restart, since the mirrors are still there. */
  get status(): Status | null {
    return this.#status
  }

  /** Whether the status is of the worker that runs now. */
  get isCurrent(): boolean {
    return this.#worker !== null && this.#heardAt !== null
  }

  get worker(): WorkerStatus {
    return {
      state: this.#worker !== null ? 'running' : this.#timer !== null ? 'waiting' : 'stopped',
      pid: this.#worker?.pid ?? null,
      startedAt: this.#worker?.startedAt ?? null,
      restarts: Math.max(0, this.#starts - 1),
      nextStartAt: this.#nextStartAt,
      lastEnd: this.#lastEnd,
    }
  }

  /** Why no worker works, as an operator should read it; null while one does. */
  get trouble(): Trouble | null {
    if (this.#worker !== null) return this.#silence(this.#worker.startedAt)
    if (this.#lastEnd === null) return null
    const { why, detail } = this.#lastEnd
    if (why === 'fenced') {
      const remedy =
        'Find the other kmc that runs this fleet and stop one of the two; this one tries again in a minute.'
      return { code: 'FENCED', message: `another worker has taken the link over: ${detail}`, remedy }
    }
    const remedy = `It is started again by itself; .kmc/logs/${this.#options.kind}-${this.name}.log says more.`
    return why === 'done' || why === 'turned'
      ? null
      : { code: 'WORKER_ENDED', message: `the worker ended: ${detail}`, remedy }
  }

  start(): void {
    if (this.#wanted) return
    this.#wanted = true
    this.#launching = this.#launch()
  }

  /** Resolves when the worker has ended and none will follow. */
  async stop(): Promise<void> {
    this.#wanted = false
    this.#clearTimer()
    await this.#launching
    await this.#worker?.process.stop()
  }

  /** Ends the worker at once; the policy decides what follows. For tests, and for showing that nothing is lost. */
  kill(signal: NodeJS.Signals): void {
    this.#worker?.process.kill(signal)
  }

  async #launch(): Promise<void> {
    this.#clearTimer()
    this.#starts += 1
    const startedAt = Date.now()
    const ended = (exit: WorkerExit) => this.#ended(exit, Date.now() - startedAt)
    try {
      const spec = await this.#options.spec()
      if (!this.#wanted) return
      const process = this.#options.spawn(spec)
      process.onStatus((status) => {
        this.#status = status
        this.#heardAt = Date.now()
      })
      process.onExit(ended)
      this.#worker = { process, pid: process.pid, startedAt }
      this.#watchdog = setInterval(() => this.#killIfSilent(), SILENCE_LOOK_MS).unref()
      this.#options.log.info({ ...this.#label, pid: process.pid }, 'worker started')
    } catch (error) {
      // A cluster that cannot be resolved or a process that cannot be made: as good as one that ended at once.
      ended({ code: 1, signal: null, reason: messageOf(error) })
    }
  }

  /** A worker says how it is every second; one that is stopped (SIGSTOP) or hangs cannot even end by itself. */
  #silence(startedAt: number): Trouble | null {
    const silentMs = Date.now() - (this.#heardAt ?? startedAt)
    if (silentMs < SILENT_AFTER_MS) return null
    const seconds = Math.round(silentMs / 1000)
    const remedy = `It is killed and started again after ${SILENCE_MAX_MS / 1000} s of silence; the brokers fence it.`
    return { code: 'WORKER_SILENT', message: `the worker has said nothing for ${seconds} s`, remedy }
  }

  #killIfSilent(): void {
    if (this.#worker === null || this.#isSilenced) return
    const silentMs = Date.now() - (this.#heardAt ?? this.#worker.startedAt)
    if (silentMs < SILENCE_MAX_MS) return
    this.#options.log.warn({ ...this.#label, pid: this.#worker.pid, silentMs }, 'silent worker killed')
    this.#isSilenced = true
    // Others may live in its process: that is killed only when it does not answer either.
    void this.#worker.process.stop()
  }

  #ended(given: WorkerExit, ranMs: number): void {
    const exit = this.#isSilenced ? SILENCED : given
    this.#isSilenced = false
    this.#worker = null
    this.#heardAt = null
    if (this.#watchdog !== null) clearInterval(this.#watchdog)
    if (!this.#wanted) return
    const jitter = (this.#options.random ?? Math.random)()
    const decision = afterExit(this.#memory, exit, { ms: ranMs, jitter })
    this.#memory = decision.memory
    this.#lastEnd = { at: Date.now(), why: decision.why, detail: this.#detailOf(exit) }
    const { why, delayMs } = decision
    const fields = { ...this.#label, ...exit, why, delayMs }
    this.#options.log.warn(fields, 'worker ended')
    if (decision.action === 'rest') return
    this.#nextStartAt = Date.now() + decision.delayMs
    this.#timer = setTimeout(() => {
      this.#launching = this.#launch()
    }, decision.delayMs)
  }

  #clearTimer(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#nextStartAt = null
  }

  get #label(): { readonly link?: string; readonly route?: string } {
    return { [this.#options.kind]: this.name }
  }

  /** What the worker said, or its last status, or how its process ended. */
  #detailOf(exit: WorkerExit): string {
    const { code, signal, reason } = exit
    const words = reason ?? this.#options.lastWords?.(exit, this.#status) ?? null
    return words ?? (signal === null ? `exit code ${code}` : `signal ${signal}`)
  }
}
