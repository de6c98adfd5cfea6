import { setTimeout as delay } from 'node:timers/promises'
import { KmcError } from '../base/error.ts'
import { backoffMs } from './backoff.ts'
import { nowMs } from './clock.ts'
import { abortedError } from './deadline.ts'
import { KafkaError } from './errors.ts'
import { RETRY_BACKOFF_MAX_MS, RETRY_BACKOFF_MS, UNKNOWN_TOPIC_GRACE_MS } from './limits.ts'
import { failed, type Outcome } from './outcome.ts'

/** How long a call may take in all, its repetitions included. */
export type CallOptions = {
  readonly timeoutMs?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** One try: how often it was tried before, and how long it may take. */
export type Try = { readonly number: number; readonly remainingMs: number }

export type RetryOptions = {
  /** For errors: what is being done. */
  readonly what: string
  readonly timeoutMs: number
  readonly signal?: AbortSignal | undefined
  /** Default true: a topic that is not known may be new to the broker that was asked. */
  readonly retryUnknownTopics?: boolean | undefined
  /** Errors that are not worth a wait here although a retry could help. */
  readonly isFinal?: ((error: KmcError) => boolean) | undefined
}

/**
 * Repeats `attempt` while it throws errors that a retry can help with, until the time is used up; then throws the
 * last of them, since that says more than "timed out".
 */
export async function retrying<T>(options: RetryOptions, attempt: (current: Try) => Promise<T>): Promise<T> {
  const pace = new Pace(options)
  for (;;) {
    try {
      return await attempt(pace.current)
    } catch (error) {
      if (!(error instanceof KmcError) || !pace.mayRetry(error)) throw error
      await pace.rest()
    }
  }
}

/**
 * Runs `attempt` over items and again over those that failed retriably, until the time is used up. Gives one
 * outcome per item, in order; an attempt that throws as a whole counts for each of its items.
 */
export async function retryingItems<Item, T>(
  items: readonly Item[],
  options: RetryOptions,
  attempt: (pending: readonly Item[], current: Try) => Promise<readonly Outcome<T>[]>,
): Promise<Outcome<T>[]> {
  const outcomes: Outcome<T>[] = []
  const pace = new Pace(options)
  let pending = items.map((_, index) => index)
  while (pending.length > 0) {
    const part = pending.map((index) => items[index]!)
    const answers = await attemptAll(part, () => attempt(part, pace.current))
    for (const [at, index] of pending.entries()) outcomes[index] = answers[at]!
    pending = pending.filter((index) => {
      const outcome = outcomes[index]!
      return !outcome.ok && pace.mayRetry(outcome.error)
    })
    if (pending.length > 0) await pace.rest()
  }
  return outcomes
}

async function attemptAll<Item, T>(
  items: readonly Item[],
  attempt: () => Promise<readonly Outcome<T>[]>,
): Promise<readonly Outcome<T>[]> {
  try {
    return await attempt()
  } catch (error) {
    if (!(error instanceof KmcError)) throw error
    return items.map(() => failed(error))
  }
}

/** Counts the tries of one call and spaces them. */
class Pace {
  readonly #options: RetryOptions
  readonly #startedMs = nowMs()
  #tries = 0
  #restMs = 0

  constructor(options: RetryOptions) {
    this.#options = options
  }

  get current(): Try {
    return { number: this.#tries, remainingMs: Math.max(1, this.#options.timeoutMs - this.#elapsedMs) }
  }

  get #elapsedMs(): number {
    return nowMs() - this.#startedMs
  }

  /** A topic that is not known yet may be new; one that stays unknown is worth only a short wait. */
  mayRetry(error: KmcError): boolean {
    if (!error.retriable || this.#options.isFinal?.(error)) return false
    this.#restMs = backoffMs(this.#tries + 1, { firstMs: RETRY_BACKOFF_MS, maxMs: RETRY_BACKOFF_MAX_MS })
    const isUnknown = error instanceof KafkaError && error.kafkaName.startsWith('UNKNOWN_TOPIC')
    const { timeoutMs, retryUnknownTopics = true } = this.#options
    const graceMs = retryUnknownTopics ? UNKNOWN_TOPIC_GRACE_MS : 0
    const limitMs = isUnknown ? Math.min(graceMs, timeoutMs) : timeoutMs
    return this.#elapsedMs + this.#restMs < limitMs
  }

  async rest(): Promise<void> {
    const { signal, what } = this.#options
    this.#tries++
    try {
      await delay(this.#restMs, undefined, signal === undefined ? {} : { signal })
    } catch {
      throw abortedError(what, signal)
    }
  }
}
