import { randomUUID } from 'node:crypto'
import { systemClock } from '../../base/clock.ts'
import { KmcError } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import { serverError } from '../errors.ts'
import type { Operation, OperationStep } from './operation.ts'

/** What work tells while it goes on. */
export type Telling = {
  /** All steps as they are now. */
  steps(steps: readonly OperationStep[]): void
  note(text: string): void
}

export type OperationWork = Pick<Operation, 'action' | 'about' | 'by'> & {
  /** What came of it. `signal` fires when the server ends. */
  run(tell: Telling, signal: AbortSignal): Promise<unknown>
}

export type Started = { readonly operation: Operation; readonly ended: Promise<unknown> }

const RUNNING_MAX = 32
/** With those that have ended. */
const KEPT_MAX = 200
const NOTES_MAX = 100
const END_MS = 3_000

/**
 * Work that outlives the request which began it, newest last. What it changes stands on the clusters, as when a command
 * does it; kept here is how far it is, for as long as the process runs.
 */
export class Operations implements AsyncDisposable {
  readonly #log: Log
  readonly #all = new Map<string, Operation>()
  readonly #running = new Map<string, Promise<unknown>>()
  readonly #closing = new AbortController()
  readonly #listeners = new Set<() => void>()

  constructor(log: Log) {
    this.#log = log
  }

  list(): Operation[] {
    return [...this.#all.values()]
  }

  /** @throws OPERATION_UNKNOWN */
  get(id: string): Operation {
    const found = this.#all.get(id)
    if (found === undefined) throw serverError('OPERATION_UNKNOWN', `there is no operation ${id}`)
    return found
  }

  /** @throws OPERATIONS_BUSY */
  start({ action, about, by, run }: OperationWork): Started {
    if (this.#running.size >= RUNNING_MAX) {
      const text = `${RUNNING_MAX} operations run already`
      throw serverError('OPERATIONS_BUSY', text, { retriable: true })
    }
    const id = randomUUID()
    this.#put({
      ...{ id, action, about, by, startedAt: systemClock.now(), endedAt: null, state: 'running' },
      ...{ steps: [], notes: [], result: null, error: null },
    })
    const tell: Telling = {
      steps: (steps) => this.#change(id, { steps: [...steps] }),
      note: (text) => this.#change(id, { notes: [...this.get(id).notes, text].slice(-NOTES_MAX) }),
    }
    const ended = this.#run(id, () => run(tell, this.#closing.signal))
    // Who asked may have gone; what came of it is told all the same.
    ended.catch(() => {})
    this.#running.set(id, ended)
    return { operation: this.get(id), ended }
  }

  /** The operation now and after each change, until it has ended; what a slow reader misses is not sent late. */
  async *follow(id: string, signal: AbortSignal): AsyncGenerator<Operation> {
    for (let told: Operation | null = null; !signal.aborted; ) {
      const now = this.get(id)
      if (now !== told) {
        told = now
        yield now
        if (now.endedAt !== null) return
      } else await this.#changed(signal)
    }
  }

  /** Calls back at each change of any; the function given ends that. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** Breaks off what runs: it can be gone on with as when a command is broken off. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort()
    const all = Promise.allSettled(this.#running.values())
    await Promise.race([all, systemClock.sleep(END_MS)])
  }

  async #run(id: string, work: () => Promise<unknown>): Promise<unknown> {
    try {
      // Not before it is counted among those that run.
      await null
      const result = await work()
      this.#end(id, { state: 'done', result })
      return result
    } catch (error) {
      this.#end(id, { state: 'failed', error: this.#told(error) })
      throw error
    } finally {
      this.#running.delete(id)
    }
  }

  #told(error: unknown): Operation['error'] {
    if (error instanceof KmcError) {
      return { code: error.code, message: error.message, remedy: error.remedy ?? null }
    }
    this.#log.error({ error }, 'an operation failed unexpectedly')
    return { code: 'INTERNAL', message: 'an error that nobody expected', remedy: 'Look into the log.' }
  }

  #end(id: string, change: Partial<Operation>): void {
    this.#change(id, { endedAt: systemClock.now(), ...change })
  }

  #change(id: string, change: Partial<Operation>): void {
    const before = this.#all.get(id)
    if (before !== undefined) this.#put({ ...before, ...change })
  }

  #put(operation: Operation): void {
    this.#all.set(operation.id, operation)
    for (const [id, { endedAt }] of this.#all) {
      if (this.#all.size <= KEPT_MAX) break
      if (endedAt !== null) this.#all.delete(id)
    }
    for (const listener of [...this.#listeners]) listener()
  }

  #changed(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    const leave = this.onChange(resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
    return promise.finally(leave)
  }
}
