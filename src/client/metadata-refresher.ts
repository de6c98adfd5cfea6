import type { MetadataScope } from './metadata.ts'

type Round = { scope: MetadataScope; readonly done: PromiseWithResolvers<void> }

/**
 * Makes many wishes for fresh metadata into few requests: one runs, one waits. A wish made while a request runs joins
 * the waiting one, because the running one may have been answered before the change that the caller has noticed.
 */
export class MetadataRefresher {
  readonly #ask: (scope: MetadataScope) => Promise<void>
  #isRunning = false
  #waiting: Round | null = null

  constructor(ask: (scope: MetadataScope) => Promise<void>) {
    this.#ask = ask
  }

  /** Resolves when an answer that was asked for after this call has been taken in. Errors: those of `ask`. */
  refresh(scope: MetadataScope): Promise<void> {
    if (this.#waiting === null) this.#waiting = { scope, done: Promise.withResolvers() }
    else this.#waiting.scope = union(this.#waiting.scope, scope)
    const { promise } = this.#waiting.done
    if (!this.#isRunning) void this.#run()
    return promise
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    while (this.#waiting !== null) {
      const { scope, done } = this.#waiting
      this.#waiting = null
      await this.#ask(scope).then(done.resolve, done.reject)
    }
    this.#isRunning = false
  }
}

function union(left: MetadataScope, right: MetadataScope): MetadataScope {
  if (left === 'all' || right === 'all') return 'all'
  return left.union(right)
}
