import { KmcError } from '../base/error.ts'
import { ClientError } from './errors.ts'

type DeadlineOptions = {
  /** For errors: what is being done, as the beginning of a sentence. */
  readonly what: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  readonly timeoutError: () => ClientError
}

/**
 * A signal that fires at a time limit or together with the caller's signal; its reason is always a ClientError.
 * Dispose of it when the work is done, so that neither timer nor listener stays behind.
 */
export class Deadline implements Disposable {
  readonly #controller = new AbortController()
  readonly #timer: NodeJS.Timeout
  readonly #caller: AbortSignal | undefined
  readonly #onCallerAbort: () => void

  constructor({ what, timeoutMs, signal, timeoutError }: DeadlineOptions) {
    this.#caller = signal
    this.#onCallerAbort = () => this.#controller.abort(abortedError(what, signal))
    this.#timer = setTimeout(() => this.#controller.abort(timeoutError()), timeoutMs)
    if (signal?.aborted === true) this.#onCallerAbort()
    else signal?.addEventListener('abort', this.#onCallerAbort, { once: true })
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  /** `promise`, or the signal's reason when it fires first; the promise goes on by itself then. */
  race<T>(promise: Promise<T>): Promise<T> {
    const { signal } = this
    return new Promise<T>((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason)
      if (signal.aborted) onAbort()
      else signal.addEventListener('abort', onAbort, { once: true })
      promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
    })
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#caller?.removeEventListener('abort', this.#onCallerAbort)
  }
}

/** `promise`, or REQUEST_TIMEOUT or REQUEST_ABORTED when that comes first. */
export async function within<T>(
  { timeoutMs, signal }: { readonly timeoutMs: number; readonly signal?: AbortSignal | undefined },
  what: string,
  promise: Promise<T>,
): Promise<T> {
  const timeoutError = (): ClientError => {
    return new ClientError('REQUEST_TIMEOUT', `${what} took longer than ${Math.round(timeoutMs)} ms.`)
  }
  using deadline = new Deadline({ what, timeoutMs, signal, timeoutError })
  return await deadline.race(promise)
}

/** The error of work that was given up through an AbortSignal: the signal's own, when that is one of ours. */
export function abortedError(what: string, signal: AbortSignal | undefined): KmcError {
  if (signal?.reason instanceof KmcError) return signal.reason
  return new ClientError('REQUEST_ABORTED', `${what} was given up by its caller.`, { cause: signal?.reason })
}
