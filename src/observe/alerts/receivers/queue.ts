import { type Clock, systemClock } from '../../../base/clock.ts'
import { isRetriable, messageOf } from '../../../base/error.ts'
import { type Log, silentLog } from '../../../base/log.ts'
import type { Notification } from '../message.ts'
import type { Receiver } from './receiver.ts'

export type QueueStatus = {
  readonly waiting: number
  readonly sent: number
  /** Given up: too many waited, they were too old, or the receiver would never take them. */
  readonly lost: number
  readonly lastError: string | null
}

export type QueueOptions = {
  readonly log?: Log
  readonly clock?: Clock
  /** Of before. */
  readonly waiting?: readonly Notification[]
  /** Called whenever one less waits. */
  readonly onDone?: () => void
}

const WAITING_MAX = 100
const RETRY_MS = 1_000
const RETRY_MAX_MS = 60_000
/** An alert that could not be told for so long is told no more. */
const AGE_MAX_MS = 60 * 60_000

/** Notifications on their way to one receiver, in order, each tried until it is taken or too old. */
export class ReceiverQueue implements AsyncDisposable {
  readonly #receiver: Receiver
  readonly #log: Log
  readonly #clock: Clock
  readonly #onDone: () => void
  readonly #ending = new AbortController()
  readonly #waiting: Notification[] = []
  #running: Promise<void> | null = null
  #sent = 0
  #lost = 0
  #lastError: string | null = null

  constructor(receiver: Receiver, options: QueueOptions = {}) {
    const { log = silentLog, clock = systemClock, waiting = [], onDone = () => {} } = options
    this.#receiver = receiver
    this.#log = log
    this.#clock = clock
    this.#onDone = onDone
    for (const notification of waiting) this.push(notification)
  }

  /** What was not taken yet, so that it outlives a restart. */
  get waiting(): readonly Notification[] {
    return this.#waiting
  }

  get status(): QueueStatus {
    return { waiting: this.#waiting.length, sent: this.#sent, lost: this.#lost, lastError: this.#lastError }
  }

  push(notification: Notification): void {
    if (notification.events.length === 0 || this.#ending.signal.aborted) return
    this.#waiting.push(notification)
    if (this.#waiting.length > WAITING_MAX) {
      this.#waiting.shift()
      this.#lost += 1
    }
    this.#running ??= this.#run().finally(() => {
      this.#running = null
    })
  }

  /** Gives up what waits. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending
    let pauseMs = RETRY_MS
    for (let next = this.#waiting[0]; next !== undefined && !signal.aborted; next = this.#waiting[0]) {
      const isDone = await this.#try(next, signal)
      // What was given up stays among those that wait: whoever ends the queue has written them down.
      if (signal.aborted) return
      if (isDone) {
        if (this.#waiting[0] === next) this.#waiting.shift()
        this.#onDone()
        pauseMs = RETRY_MS
      } else {
        await this.#clock.sleep(pauseMs, signal)
        pauseMs = Math.min(RETRY_MAX_MS, 2 * pauseMs)
      }
    }
  }

  /** Whether it is over with this one, for good or bad. */
  async #try(notification: Notification, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#receiver.send(notification, signal)
      this.#sent += 1
      this.#lastError = null
      return true
    } catch (error) {
      if (signal.aborted) return true
      this.#lastError = messageOf(error)
      if (isRetriable(error) && this.#clock.now() - notification.at < AGE_MAX_MS) return false
      this.#lost += 1
      this.#log.error({ receiver: this.#receiver.name, why: this.#lastError }, 'an alert could not be told')
      return true
    }
  }
}
