import { type ChildProcess, fork } from 'node:child_process'
import { linkError } from '../errors.ts'

export type WorkerExit = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** What the worker said before it ended, when it could. */
  readonly reason: string | null
}

/** Something that runs in a child process and tells how it is. */
export type RunningWorker<Status> = {
  readonly pid: number
  readonly status: Status | null
  onStatus(listener: (status: Status) => void): void
  onExit(listener: (exit: WorkerExit) => void): void
  /** Lets it finish what is on its way; kills its process when that takes too long. */
  stop(): Promise<void>
  /** Sends a signal to its process, and so to all that runs there. */
  kill(signal: NodeJS.Signals): void
}

export const STOP_MS = 10_000

/**
 * A worker's garbage dies young: 4 MiB of it at a time cost no more CPU than 16, and 20 MB less memory. What outlives
 * that, waiting for its turn at the destination, is looked through once the heap has grown by a third, not by three
 * times: another 20 MB.
 */
export const V8_FLAGS = ['--max-semi-space-size=4', '--heap-growing-percent=30']

/** What it prints beyond its log file goes to this process's stderr. */
export function forkWorker(program: string, args: readonly string[]): ChildProcess {
  return fork(program, args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, ...V8_FLAGS],
  })
}

/** @throws WORKER_NOT_STARTED */
export function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw linkError('WORKER_NOT_STARTED', 'the worker has no process')
  return child.pid
}

/** What is heard of a worker, and who listens. It ends once. */
export class WorkerNews<Status> {
  readonly #statusListeners: ((status: Status) => void)[] = []
  readonly #exitListeners: ((exit: WorkerExit) => void)[] = []
  readonly #ended = Promise.withResolvers<void>()
  #status: Status | null = null
  #hasEnded = false

  get status(): Status | null {
    return this.#status
  }
  /** Resolves with its end. */
  get ended(): Promise<void> {
    return this.#ended.promise
  }
  onStatus(listener: (status: Status) => void): void {
    this.#statusListeners.push(listener)
  }
  onExit(listener: (exit: WorkerExit) => void): void {
    this.#exitListeners.push(listener)
  }

  tellStatus(status: Status): void {
    this.#status = status
    for (const listener of this.#statusListeners) listener(status)
  }

  tellEnd(exit: WorkerExit): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#ended.resolve()
    for (const listener of this.#exitListeners) listener(exit)
  }
}

/** What a child tells; `Status` is as its kind of work has it. */
type FromChild<Status> =
  | { readonly type: 'status'; readonly status: Status }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }

/** A child process that does one thing alone. It ends by itself when this process is gone. */
export class ChildWorker<Status> extends WorkerNews<Status> implements RunningWorker<Status> {
  readonly #child: ChildProcess
  #reason: string | null = null

  constructor(child: ChildProcess) {
    super()
    this.#child = child
    child.on('message', (message) => this.#receive(message as FromChild<Status>))
    child.on('error', (error) => {
      this.#reason ??= error.message
    })
    child.once('exit', (code, signal) => this.tellEnd({ code, signal, reason: this.#reason }))
  }

  get pid(): number {
    return pidOf(this.#child)
  }

  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.send({ type: 'stop' })
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
    await this.ended
    clearTimeout(timer)
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  #receive(message: FromChild<Status>): void {
    if (message.type === 'failed') this.#reason = `${message.code}: ${message.message}`
    else this.tellStatus(message.status)
  }
}
