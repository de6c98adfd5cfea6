import { randomUUID } from 'node:crypto'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import type { Operations } from '../operations/operations.ts'
import { type Changed, changedBetween, nothingSeen, type Seen, seenOf, together } from './differences.ts'

type ChangesOptions = { readonly status: () => FleetStatus; readonly operations: Operations }

/** `changed: null`: more than is remembered has changed, so everything is to be asked again. */
export type ChangeNotice = { readonly id: string; readonly changed: Changed | null }

const LOOK_EVERY_MS = 1_000
const KEPT_MAX = 256

/**
 * Tells what of the fleet has changed, once a second, for as long as anybody listens. Whoever is slow gets several
 * changes as one, so that nobody's pace costs memory.
 */
export class FleetChanges {
  readonly #options: ChangesOptions
  /** Tells numbers of this process from those of one before. */
  readonly #process = randomUUID().slice(0, 8)
  readonly #kept: Changed[] = []
  readonly #waiting = new Set<() => void>()
  /** How many changes there were. */
  #count = 0
  #listeners = 0
  #seen: Seen = nothingSeen
  #timer: NodeJS.Timeout | null = null

  constructor(options: ChangesOptions) {
    this.#options = options
  }

  /** What changes from now on, or since the notice of that id. */
  async *follow(lastId: string | null, signal: AbortSignal): AsyncGenerator<ChangeNotice> {
    this.#enter()
    try {
      let at = lastId === null ? this.#count : this.#numberOf(lastId)
      while (!signal.aborted) {
        const missed = at === null ? null : this.#since(at)
        if (missed?.length === 0) {
          await this.#next(signal)
          continue
        }
        at = this.#count
        yield { id: `${this.#process}-${at}`, changed: missed === null ? null : together(missed) }
      }
    } finally {
      this.#leave()
    }
  }

  /** null where that is not remembered any more. */
  #since(at: number): readonly Changed[] | null {
    const first = this.#count - this.#kept.length
    return at < first || at > this.#count ? null : this.#kept.slice(at - first)
  }

  #numberOf(id: string): number | null {
    const [process, number] = id.split('-') as [string, string | undefined]
    return process === this.#process && /^\d{1,15}$/.test(number ?? '') ? Number(number) : null
  }

  #enter(): void {
    this.#listeners++
    if (this.#timer !== null) return
    this.#look()
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS)
  }

  #leave(): void {
    this.#listeners--
    if (this.#listeners > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }

  #look(): void {
    const { status, operations } = this.#options
    const now = seenOf(status(), operations.list())
    const changed = changedBetween(this.#seen, now)
    this.#seen = now
    if (changed === null) return
    this.#kept.push(changed)
    if (this.#kept.length > KEPT_MAX) this.#kept.shift()
    this.#count++
    for (const wake of [...this.#waiting]) wake()
  }

  async #next(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#waiting.add(resolve)
    signal.addEventListener('abort', () => resolve(), { once: true })
    await promise
    this.#waiting.delete(resolve)
  }
}
