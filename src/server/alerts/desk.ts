import { randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import { type Alert, AlertBook, type AlertEvent } from '../../observe/alerts/book.ts'
import type { Fact } from '../../observe/alerts/fact.ts'
import type { Notification } from '../../observe/alerts/message.ts'
import { type QueueStatus, ReceiverQueue } from '../../observe/alerts/receivers/queue.ts'
import type { Receiver } from '../../observe/alerts/receivers/receiver.ts'
import type { AlertRule } from '../../observe/alerts/rules.ts'
import type { Silence } from '../../observe/alerts/silence.ts'
import { receiversOf, type Tell } from '../../observe/alerts/tell.ts'
import { serverError } from '../errors.ts'
import { type DeskMemory, noMemory } from './memory.ts'

export type DeskOptions = {
  readonly rules: readonly AlertRule[]
  readonly receivers: readonly Receiver[]
  readonly tell: readonly Tell[]
  /** What is known now. */
  readonly facts: (now: number) => readonly Fact[]
  readonly memory?: DeskMemory
  readonly save: (memory: DeskMemory) => Promise<void>
  readonly log: Log
  readonly clock?: Clock
}

export type ReceiverState = QueueStatus & { readonly name: string }

const EVERY_MS = 5_000
/** What fires and goes on is written down again so often: a restart in between repeats nothing. */
const SAVE_MS = 60_000
const EVENTS_MAX = 500

/** Looks at what is known again and again, and tells whoever is to be told. */
export class AlertDesk implements AsyncDisposable {
  readonly rules: readonly AlertRule[]
  readonly #options: DeskOptions
  readonly #clock: Clock
  readonly #book: AlertBook
  readonly #queues: ReadonlyMap<string, ReceiverQueue>
  readonly #ending = new AbortController()
  readonly #running: Promise<void>
  #events: AlertEvent[]
  /** What is about to be told. */
  readonly #fresh = new Map<string, Notification>()
  #saving: Promise<void> = Promise.resolve()
  #saved = ''
  #savedAt = 0

  constructor(options: DeskOptions) {
    const { rules, receivers, memory = noMemory, log, clock = systemClock } = options
    this.#options = options
    this.#clock = clock
    this.rules = rules
    this.#book = new AlertBook(rules, memory, clock.now())
    this.#events = [...memory.events]
    this.#queues = new Map(
      receivers.map((receiver) => {
        const waiting = memory.waiting[receiver.name] ?? []
        const onDone = () => void this.#save()
        return [receiver.name, new ReceiverQueue(receiver, { log, clock, waiting, onDone })]
      }),
    )
    this.#running = this.#run()
  }

  /** Worst and oldest first. */
  alerts(): Alert[] {
    return this.#book.alerts(this.#clock.now())
  }

  /** What was told lately, newest first. */
  events(): AlertEvent[] {
    return this.#events.toReversed()
  }

  silences(): readonly Silence[] {
    return this.#book.silences
  }

  receivers(): ReceiverState[] {
    return [...this.#queues].map(([name, queue]) => ({ name, ...queue.status }))
  }

  /** @throws SILENCES_TOO_MANY */
  async silence(wanted: Omit<Silence, 'id'>): Promise<Silence> {
    const silence = { id: randomUUID(), ...wanted }
    if (!this.#book.silence(silence)) throw serverError('SILENCES_TOO_MANY', 'there are too many silences')
    await this.#save()
    return silence
  }

  /** @throws RESOURCE_NOT_FOUND */
  async unsilence(id: string): Promise<Silence> {
    const silence = this.#book.silences.find((one) => one.id === id)
    if (silence === undefined) throw serverError('RESOURCE_NOT_FOUND', `there is no silence ${id}`)
    this.#book.unsilence(id)
    await this.#save()
    return silence
  }

  /** Sends a receiver something to look at, past its queue. @throws RESOURCE_NOT_FOUND, ALERT_NOT_DELIVERED */
  async test(name: string, by: string, signal: AbortSignal): Promise<void> {
    const receiver = this.#options.receivers.find((one) => one.name === name)
    if (receiver === undefined) throw serverError('RESOURCE_NOT_FOUND', `there is no receiver ${name}`)
    const at = this.#clock.now()
    const words = { rule: 'test', title: 'This is a test of a receiver', remedy: 'Nothing is to be done.' }
    const alert: Alert = {
      ...{
        ...words,
        severity: 'warning',
        labels: {},
        subject: { receiver: name, by },
        state: 'firing',
        value: 1,
      },
      ...{ since: at, firedAt: at, toldAt: at, isSilenced: false },
    }
    await receiver.send({ at, events: [{ what: 'test', alert, at }] }, signal)
  }

  /** Once, now. */
  async look(): Promise<void> {
    const now = this.#clock.now()
    const events = this.#book.take(this.#options.facts(now), now)
    this.#events = [...this.#events, ...events].slice(-EVENTS_MAX)
    for (const { what, alert } of events) {
      const { rule, subject, severity, title } = alert
      this.#options.log.warn({ what, rule, subject, severity, title }, 'an alert is told')
    }
    for (const name of this.#queues.keys()) {
      const own = events.filter(({ alert }) => this.#isFor(name, alert))
      if (own.length > 0) this.#fresh.set(name, { at: now, events: own })
    }
    // Written down before anybody is told: after a crash somebody may be told twice, but nobody never.
    await this.#save()
    for (const [name, notification] of this.#fresh) this.#queues.get(name)!.push(notification)
    this.#fresh.clear()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#running
    // What waits is written down before the queues give it up.
    await this.#save(true)
    await Promise.all([...this.#queues.values()].map((queue) => queue[Symbol.asyncDispose]()))
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending
    while (!signal.aborted) {
      await this.look().catch((error: unknown) => {
        this.#options.log.error({ why: messageOf(error) }, 'alerts could not be looked after')
      })
      await this.#clock.sleep(EVERY_MS, signal)
    }
  }

  #isFor(name: string, alert: Alert): boolean {
    return receiversOf(alert, this.#options.tell, [...this.#queues.keys()]).has(name)
  }

  /** One after another, so that the newest comes last. What could not be written is tried again at the next look. */
  #save(always = false): Promise<void> {
    this.#saving = this.#saving.then(async () => {
      await this.#saveNow(always).catch((error: unknown) => {
        this.#options.log.error({ why: messageOf(error) }, 'what is known of alerts could not be written')
      })
    })
    return this.#saving
  }

  /** Only when something has changed that a restart must know. */
  async #saveNow(always: boolean): Promise<void> {
    const now = this.#clock.now()
    const waiting = Object.fromEntries(
      [...this.#queues].map(([name, queue]) => {
        const fresh = this.#fresh.get(name)
        return [name, fresh === undefined ? queue.waiting : [...queue.waiting, fresh]]
      }),
    )
    const memory: DeskMemory = { ...this.#book.memory, waiting, events: this.#events }
    const held = memory.held.map(({ rule, subject, firedAt, toldAt, clearedAt }) => {
      return [rule, subject, firedAt, toldAt, clearedAt]
    })
    const text = JSON.stringify([held, memory.silences, waiting])
    if (!always && text === this.#saved && (held.length === 0 || now - this.#savedAt < SAVE_MS)) return
    await this.#options.save(memory)
    this.#saved = text
    this.#savedAt = now
  }
}
