import type { ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { LinkSpec } from '../spec.ts'
import type { LinkStatus } from '../status.ts'
import { type FromWorker, packSpec, type ToWorker } from './messages.ts'
import { forkWorker, pidOf, type RunningWorker, STOP_MS, WorkerNews } from './spawn.ts'

const PROGRAM = fileURLToPath(new URL('./main.ts', import.meta.url))

/** One link in a worker process, as its parent sees it. */
export type LinkWorker = RunningWorker<LinkStatus>

export type SpawnOptions = {
  readonly logFile: string
  /** A name that the next worker started in this one's place has as well: it need not wait for this one's end. */
  readonly instance?: string | null
}

/** How a process ended that still ran links. */
export type PackCrash = { readonly links: readonly string[]; readonly signal: NodeJS.Signals | null }

/**
 * A worker process and the links that it runs. Each starts and ends by itself; the process ends with the last of them,
 * and all of them with the process. It ends by itself when this process is gone.
 */
export class Pack {
  /** How many links it takes. */
  readonly linksMax: number
  readonly #child: ChildProcess
  readonly #links = new Map<string, WorkerNews<LinkStatus>>()
  readonly #exited: Promise<void>
  #reason: string | null = null
  #isOpen = true

  constructor(linksMax: number, crashed: (crash: PackCrash) => void = () => {}) {
    this.linksMax = linksMax
    this.#child = forkWorker(PROGRAM, [])
    this.#child.on('message', (message) => this.#receive(message as FromWorker))
    this.#exited = new Promise((resolve) => {
      this.#child.on('error', (error) => {
        this.#reason ??= error.message
        // One that was never made has no end either.
        if (this.#child.pid === undefined) resolve()
      })
      this.#child.once('exit', (code, signal) => {
        this.#isOpen = false
        resolve()
        if (this.#links.size > 0) crashed({ links: [...this.#links.keys()], signal })
        for (const link of this.#links.values()) link.tellEnd({ code, signal, reason: this.#reason })
      })
    })
  }

  get size(): number {
    return this.#links.size
  }
  /** Whether it takes another link. */
  get hasRoom(): boolean {
    return this.#isOpen && this.#child.connected && this.size < this.linksMax
  }
  /** Resolves when the process is gone. */
  get exited(): Promise<void> {
    return this.#exited
  }

  /** @throws WORKER_NOT_STARTED */
  start(spec: LinkSpec, { logFile, instance = null }: SpawnOptions): LinkWorker {
    const pid = pidOf(this.#child)
    const { name: link } = spec
    const news = new WorkerNews<LinkStatus>()
    this.#links.set(link, news)
    this.#tell({ type: 'start', link, spec: packSpec(spec), logFile, instance })
    return {
      pid,
      get status() {
        return news.status
      },
      onStatus: (listener) => news.onStatus(listener),
      onExit: (listener) => news.onExit(listener),
      stop: () => this.#stop(link, news),
      kill: (signal) => {
        this.#child.kill(signal)
      },
    }
  }

  async #stop(link: string, news: WorkerNews<LinkStatus>): Promise<void> {
    if (this.#links.get(link) === news) this.#tell({ type: 'stop', link })
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS)
    await news.ended
    if (!this.#isOpen) await this.#exited
    clearTimeout(timer)
  }

  #receive(message: FromWorker): void {
    if (message.type === 'failed') {
      this.#reason = `${message.code}: ${message.message}`
      return
    }
    const link = this.#links.get(message.link)
    if (message.type === 'status') link?.tellStatus(message.status)
    else {
      this.#links.delete(message.link)
      if (this.#links.size === 0) this.#end()
      link?.tellEnd({ code: message.code, signal: null, reason: message.reason })
    }
  }

  /** A worker ends when its parent lets go of it. */
  #end(): void {
    this.#isOpen = false
    if (this.#child.connected) this.#child.disconnect()
  }

  #tell(message: ToWorker): void {
    if (this.#child.connected) this.#child.send(message)
  }
}
