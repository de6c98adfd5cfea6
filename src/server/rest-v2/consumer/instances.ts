import { nowMs } from '../../../client/clock.ts'
import { serverError } from '../../errors.ts'
import type { ConsumerInstance } from './instance.ts'

/** Whose instance it is: nobody else gets to it, as what it reads was allowed to its owner. */
export type InstancePlace = {
  readonly cluster: string
  readonly group: string
  readonly instance: string
  readonly owner: string
}

type Kept = { readonly place: InstancePlace; instance: ConsumerInstance | null; uses: number; usedAt: number }

export type InstancesOptions = { readonly instancesMax?: number; readonly idleMs?: number }

const INSTANCES_MAX = 100
const IDLE_MS = 5 * 60_000
const SWEEP_EVERY_MS = 5_000

/** The consumer instances of REST Proxy v2 that are open; one that nobody asks for a while is closed. */
export class ConsumerInstances implements AsyncDisposable {
  readonly #max: number
  readonly #idleMs: number
  readonly #kept = new Map<string, Kept>()
  readonly #timer: NodeJS.Timeout

  constructor({ instancesMax = INSTANCES_MAX, idleMs = IDLE_MS }: InstancesOptions = {}) {
    this.#max = instancesMax
    this.#idleMs = idleMs
    this.#timer = setInterval(() => void this.#sweep(), Math.min(SWEEP_EVERY_MS, idleMs))
  }

  /** @throws CONSUMER_EXISTS, CONSUMERS_TOO_MANY, what `open` throws */
  async add(place: InstancePlace, open: () => Promise<ConsumerInstance>): Promise<void> {
    const key = keyOf(place)
    if (this.#kept.has(key)) {
      throw serverError(
        'CONSUMER_EXISTS',
        `group ${place.group} has a consumer instance ${place.instance} already`,
      )
    }
    if (this.#kept.size >= this.#max) {
      throw serverError('CONSUMERS_TOO_MANY', `there are ${this.#max} consumer instances already`)
    }
    const kept: Kept = { place, instance: null, uses: 1, usedAt: nowMs() }
    this.#kept.set(key, kept)
    try {
      kept.instance = await open()
      kept.uses -= 1
    } catch (error) {
      this.#kept.delete(key)
      throw error
    }
  }

  /** Lets an instance work, which is not idle meanwhile. @throws CONSUMER_NOT_FOUND, what `run` throws */
  async use<T>(place: InstancePlace, run: (instance: ConsumerInstance) => Promise<T> | T): Promise<T> {
    const kept = this.#find(place)
    kept.uses += 1
    try {
      return await run(kept.instance!)
    } finally {
      kept.uses -= 1
      kept.usedAt = nowMs()
    }
  }

  /** @throws CONSUMER_NOT_FOUND */
  async delete(place: InstancePlace): Promise<void> {
    const kept = this.#find(place)
    this.#kept.delete(keyOf(place))
    await kept.instance!.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer)
    await this.#close([...this.#kept.values()])
  }

  #find(place: InstancePlace): Kept {
    const kept = this.#kept.get(keyOf(place))
    if (kept?.instance != null && kept.place.owner === place.owner) return kept
    throw serverError('CONSUMER_NOT_FOUND', `group ${place.group} has no consumer instance ${place.instance}`)
  }

  async #sweep(): Promise<void> {
    const now = nowMs()
    await this.#close(
      [...this.#kept.values()].filter(({ uses, usedAt }) => uses === 0 && now - usedAt >= this.#idleMs),
    )
  }

  async #close(all: readonly Kept[]): Promise<void> {
    for (const { place } of all) this.#kept.delete(keyOf(place))
    await Promise.allSettled(all.map(({ instance }) => instance?.close()))
  }
}

function keyOf({ cluster, group, instance }: InstancePlace): string {
  return JSON.stringify([cluster, group, instance])
}
