import { withEnd } from '../../burrow/window.ts'
import { EndTimes } from '../../lag/end-times.ts'
import { RecordBytes } from '../../lag/record-bytes.ts'

/** What is known of a partition's log, shared by all groups that read it. */
export class PartitionLog {
  readonly topic: string
  readonly partition: number
  readonly times = new EndTimes()
  readonly #bytes = new RecordBytes()
  #ends: readonly number[] = []
  #start: number | null = null

  constructor(topic: string, partition: number) {
    this.topic = topic
    this.partition = partition
  }

  get end(): number | null {
    return this.#ends.at(-1) ?? null
  }

  /** The last looks at its end, oldest first. */
  get ends(): readonly number[] {
    return this.#ends
  }

  get start(): number | null {
    return this.#start
  }

  get perOffset(): number | null {
    return this.#bytes.perOffset
  }

  ended(end: number, at: number): void {
    this.times.note(end, at)
    this.#ends = withEnd(this.#ends, end)
  }

  began(start: number): void {
    this.#start = start
  }

  sized(bytes: number): void {
    if (this.#start !== null && this.end !== null) this.#bytes.note(bytes, this.#start, this.end)
  }
}
