import { observeError } from './errors.ts'

type PlacesOptions = { readonly usesMax: number; readonly waitingMax: number }

/** So many at a time, so many that wait in their order, and a refusal for all beyond. */
export class Places {
  readonly #name: string
  readonly #options: PlacesOptions
  readonly #waiting = new Set<() => void>()
  #taken = 0

  constructor(name: string, options: PlacesOptions) {
    this.#name = name
    this.#options = options
  }

  /** Resolves with what gives the place back. @throws CLUSTER_BUSY, or the signal's reason */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#taken < this.#options.usesMax) this.#taken++
    else await this.#wait(signal)
    let given = false
    return () => {
      if (given) return
      given = true
      this.#giveOn()
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    if (this.#waiting.size >= this.#options.waitingMax) {
      throw observeError('CLUSTER_BUSY', `${this.#waiting.size} requests wait for cluster ${this.#name}.`)
    }
    return new Promise((resolve, reject) => {
      const enter = (): void => {
        signal.removeEventListener('abort', leave)
        resolve()
      }
      const leave = (): void => {
        this.#waiting.delete(enter)
        reject(signal.reason)
      }
      signal.addEventListener('abort', leave, { once: true })
      this.#waiting.add(enter)
    })
  }

  #giveOn(): void {
    const [next] = this.#waiting
    if (next === undefined) this.#taken--
    else {
      this.#waiting.delete(next)
      next()
    }
  }
}
