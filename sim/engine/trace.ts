import type { Events } from './events.ts'

/** What happened, a line each, with virtual time. Kept only when asked for. */
export class Trace {
  readonly #events: Events
  readonly #keep: boolean
  readonly lines: string[] = []

  constructor(events: Events, keep: boolean) {
    this.#events = events
    this.#keep = keep
  }

  /** `text` is called only when lines are kept. */
  add(text: () => string): void {
    if (this.#keep) this.lines.push(`${this.#events.now.toFixed(3).padStart(11)} ${text()}`)
  }
}
