/** What a client at work through a route has seen so far. */
export type Seen = {
  /** Records acknowledged or read. */
  readonly records: number
  /** The longest time between two of them since `calm`. */
  readonly longestMs: number
  /** What the application was told, in the client's words. */
  readonly errors: readonly string[]
  /** Of a reader: offsets that it had had before, and jumps over more than a marker and aborted records explain. */
  readonly again: number
  readonly passedOver: number
  /** Of a writer: by id, a (acknowledged), f (refused or aborted) or u (nobody knows). */
  readonly outcomes: string
}

/** A client of somebody else's that works until it is stopped. */
export type Mover = {
  /** Also the group of a reader and, in the values of its records, the name of a writer. */
  readonly name: string
  readonly role: 'writer' | 'reader'
  seen(): Promise<Seen>
  /** The longest pause counts from here on. */
  calm(): Promise<void>
  /** Ends it in order, and gives all that it has seen. */
  stop(): Promise<Seen>
}

/** Where movers work. */
export type Place = {
  readonly bootstrap: string
  readonly topic: string
  readonly partitions: number
  /** Of each writer between two records. */
  readonly pauseMs: number
}

const ERRORS_MAX = 20
/** Offsets in a row that a reader may not see: transactions of 20 records, several aborted in a row, and markers. */
export const GAP_MAX = 400

/** Keeps account of one mover. */
export class Tally {
  readonly #outcomes: (string | undefined)[] = []
  readonly #next = new Map<number, number>()
  readonly #errors: string[] = []
  #records = 0
  #again = 0
  #passedOver = 0
  #lastAt: number | null = null
  #longestMs = 0

  /** A new id; nobody knows yet what becomes of it. */
  begin(): number {
    this.#outcomes.push('u')
    return this.#outcomes.length - 1
  }

  acknowledged(id: number): void {
    this.#outcomes[id] = 'a'
    this.#progress()
  }

  refused(id: number): void {
    this.#outcomes[id] = 'f'
  }

  unknown(id: number): void {
    this.#outcomes[id] = 'u'
  }

  read(partition: number, offset: number): void {
    const expected = this.#next.get(partition) ?? 0
    if (offset < expected) this.#again += 1
    else if (offset - expected > GAP_MAX) this.#passedOver += 1
    this.#next.set(partition, Math.max(expected, offset + 1))
    this.#progress()
  }

  error(text: string): void {
    if (this.#errors.length < ERRORS_MAX) this.#errors.push(text)
  }

  calm(): void {
    this.#longestMs = 0
    this.#lastAt = Date.now()
  }

  seen(): Seen {
    return {
      records: this.#records,
      longestMs: this.#longestMs,
      errors: [...this.#errors],
      again: this.#again,
      passedOver: this.#passedOver,
      // Of some ids nothing was ever heard.
      outcomes: Array.from(this.#outcomes, (outcome) => outcome ?? 'u').join(''),
    }
  }

  #progress(): void {
    const now = Date.now()
    if (this.#lastAt !== null) this.#longestMs = Math.max(this.#longestMs, now - this.#lastAt)
    this.#lastAt = now
    this.#records += 1
  }
}

const VALUE_BYTES = 100

/** As the Java journals write it: `writer:id:transaction:padding`. */
export function recordValue(writer: string, id: number, transaction = 0): string {
  return `${writer}:${id}:${transaction}:`.padEnd(VALUE_BYTES, '.')
}

export function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
