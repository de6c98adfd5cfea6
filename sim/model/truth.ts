import { readRecords } from '../../src/wire/batch/records.ts'
import type { Stored } from './log.ts'

/** What a reader at read_committed may ever get at one offset of a source partition. */
export type Fact = {
  /** `open`: of an undecided transaction. `hidden`: a marker, or aborted. `cleaned`: compacted away. */
  state: 'visible' | 'open' | 'hidden' | 'cleaned'
  readonly producerId: number
  readonly timestamp: number
  readonly body: Buffer
  /** How often the log had lost its tail when this was written. */
  readonly version: number
}

const NOTHING = Buffer.alloc(0)

/** Everything that a source partition ever acknowledged, offset by offset, kept beside the log that may lose it. */
export class Truth {
  readonly facts: Fact[] = []
  /** What stood at offsets that were lost with a tail. */
  readonly lost = new Map<number, Fact[]>()
  version = 0

  wrote(stored: Stored, transactional: boolean): void {
    const state = transactional ? 'open' : 'visible'
    const { producerId } = stored.header
    for (const { offset, timestamp, body } of readRecords(stored.bytes)) {
      this.facts[offset] = { state, producerId, timestamp, body, version: this.version }
    }
  }

  /** A transaction is decided by a marker at `offset`. */
  decided(producerId: number, from: number, offset: number, committed: boolean): void {
    for (let at = from; at < offset; at++) {
      const fact = this.facts[at]
      if (fact?.state === 'open' && fact.producerId === producerId)
        fact.state = committed ? 'visible' : 'hidden'
    }
    const marker = {
      state: 'hidden',
      producerId,
      timestamp: 0,
      body: NOTHING,
      version: this.version,
    } as const
    this.facts[offset] = marker
  }

  /** Its marker was lost with a tail: the transaction is open again. Returns whether it had been committed. */
  reopened(producerId: number, from: number): boolean {
    let committed = false
    for (let at = from; at < this.facts.length; at++) {
      const fact = this.facts[at]
      if (fact?.producerId !== producerId || fact.body.length === 0) continue
      committed ||= fact.state === 'visible'
      if (fact.state !== 'cleaned') fact.state = 'open'
    }
    return committed
  }

  cleaned(offset: number): void {
    const fact = this.facts[offset]
    if (fact?.state === 'visible') fact.state = 'cleaned'
  }

  /** The tail from `end` on is gone, and what comes next is another version. */
  truncated(end: number): void {
    this.version++
    for (let at = end; at < this.facts.length; at++) {
      const fact = this.facts[at]
      if (fact !== undefined) this.lost.set(at, [...(this.lost.get(at) ?? []), fact])
    }
    this.facts.length = Math.min(this.facts.length, end)
  }

  /** Whether a reader sees a record at the offset now, as far as retention lets it. */
  visible(offset: number): Fact | null {
    const fact = this.facts[offset]
    return fact?.state === 'visible' ? fact : null
  }
}
