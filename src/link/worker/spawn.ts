import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { linkError } from '../errors.ts'
import type { LinkSpec } from '../spec.ts'
import type { LinkStatus } from '../status.ts'
import { packSpec, type ToWorker } from './messages.ts'

export type WorkerExit = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** What the worker said before it ended, when it could. */
  readonly reason: string | null
}

const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url))
const STOP_MS = 10_000

/** A worker's garbage dies young: 4 MiB of it at a time cost no more CPU than 16, and 20 MB less memory. */
export const V8_FLAGS = ['--max-semi-space-size=4']

/** What a child tells; `Status` is as its kind of work has it. */
type FromChild<Status> =
  | { readonly type: 'ready' }
  | { readonly type: 'status'; readonly status: Status }
  | { readonly type: 'failed'; readonly code: string; readonly message: string }

/** A child process that does one thing and tells how it is. It ends by itself when this process is gone. */
export class ChildWorker<Status> {
  readonly #child: ChildProcess
  readonly #statusListeners: ((status: Status) => void)[] = []
  readonly #exitListeners: ((exit: WorkerExit) => void)[] = []
  readonly #exited: Promise<void>
  #status: Status | null = null
  #reason: string | null = null

  constructor(child: ChildProcess) {
    this.#child = child
    child.on('message', (message) => this.#receive(message as FromChild<Status>))
    child.on('error', (error) => {
      this.#reason ??= error.message
    })
    this.#exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        resolve()
        for (const listener of this.#exitListeners) listener({ code, signal, reason: this.#reason })
      })
    })
  }

  get pid(): number {
    if (this.#child.pid === undefined) throw linkError('WORKER_NOT_STARTED', 'the worker has no process')
    return this.#child.pid
  }
  get status(): Status | null {
    return this.#status
  }
  onStatus(listener: (status: Status) => void): void {
    this.#statusListeners.push(listener)
  }
  onExit(listener: (exit: WorkerExit) => void): void {
    this.#exitListeners.push(listener)
  }

  /** Lets it finish what is on its way; kills it when that takes too long. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.send({ type: 'stop' })
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
    await this.#exited
    clearTimeout(timer)
  }

  kill(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  #receive(message: FromChild<Status>): void {
    if (message.type === 'failed') this.#reason = `${message.code}: ${message.message}`
    if (message.type !== 'status') return
    this.#status = message.status
    for (const listener of this.#statusListeners) listener(message.status)
  }
}

export type LinkWorker = ChildWorker<LinkStatus>

export type SpawnOptions = {
  readonly logFile: string
  /** A name that the next worker started in this one's place has as well: it need not wait for this one's end. */
  readonly instance?: string | null
}

/** Starts a worker for one link. What it prints beyond its log file goes to this process's stderr. */
export function spawnLinkWorker(spec: LinkSpec, options: SpawnOptions): LinkWorker {
  const child = fork(PROGRAM, [spec.name], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, ...V8_FLAGS],
  })
  const worker = new ChildWorker<LinkStatus>(child)
  const { logFile, instance = null } = options
  child.send({ type: 'start', spec: packSpec(spec), logFile, instance } satisfies ToWorker)
  return worker
}
