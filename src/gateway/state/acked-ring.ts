/** The transaction that records belong to, as its producer was told of it. */
export type Transaction = { readonly epoch: number; outcome: 'open' | 'committed' | 'aborted' }

/** A batch that was acknowledged. */
export type Entry = {
  /** Of its first record. */
  readonly base: number
  readonly records: number
  readonly bytes: number
  readonly at: number
  readonly isByLeader: boolean
  readonly transaction: Transaction | null
}

export type RingPartition = {
  readonly topic: string
  readonly partition: number
  readonly entries: readonly Entry[]
  /** The offset behind everything of the partition that was dropped for lack of room. */
  readonly droppedTo: number
}

const FIRST_CAPACITY = 1_024

/**
 * The last batches of all partitions in flat arrays, which grow as needed up to a limit: 33 bytes a batch, and nothing
 * is made for one that is pushed.
 */
export class AckedRing {
  readonly #max: number
  #capacity = 0
  #next = 0
  #size = 0
  #where = new Int32Array()
  #base = new Float64Array()
  #at = new Float64Array()
  #records = new Int32Array()
  #bytes = new Int32Array()
  #isByLeader = new Uint8Array()
  #transaction: (Transaction | null)[] = []
  /** By topic, each partition's place in the two lists below. */
  readonly #places = new Map<string, number[]>()
  #names: { readonly topic: string; readonly partition: number }[] = []
  #droppedTo: number[] = []

  constructor(max: number) {
    this.#max = max
  }

  get partitionCount(): number {
    return this.#names.length
  }

  push(topic: string, partition: number, entry: Entry): void {
    if (this.#size === this.#capacity && this.#capacity < this.#max) this.#grow()
    const at = this.#next
    if (this.#size === this.#capacity) this.#drop(at)
    else this.#size++
    this.#where[at] = this.#placeOf(topic, partition)
    this.#base[at] = entry.base
    this.#at[at] = entry.at
    this.#records[at] = entry.records
    this.#bytes[at] = entry.bytes
    this.#isByLeader[at] = entry.isByLeader ? 1 : 0
    this.#transaction[at] = entry.transaction
    this.#next = (at + 1) % this.#capacity
  }

  clear(): void {
    this.#next = 0
    this.#size = 0
    this.#transaction.fill(null)
    this.#places.clear()
    this.#names = []
    this.#droppedTo = []
  }

  /** Every partition that was ever pushed to, with what is left of it, oldest first. */
  partitions(): RingPartition[] {
    const entries = this.#names.map((): Entry[] => [])
    for (let count = 0; count < this.#size; count++) {
      const at = (this.#next - this.#size + count + this.#capacity) % this.#capacity
      entries[this.#where[at]!]!.push({
        ...{ base: this.#base[at]!, records: this.#records[at]!, bytes: this.#bytes[at]! },
        ...{ at: this.#at[at]!, isByLeader: this.#isByLeader[at] === 1 },
        transaction: this.#transaction[at]!,
      })
    }
    return this.#names.map((name, place) => {
      return { ...name, entries: entries[place]!, droppedTo: this.#droppedTo[place]! }
    })
  }

  /** Of every partition the offset behind the last batch of it that is still there, or was dropped. */
  ends(): { readonly topic: string; readonly partition: number; readonly end: number }[] {
    const ends = [...this.#droppedTo]
    for (let count = 0; count < this.#size; count++) {
      const at = (this.#next - this.#size + count + this.#capacity) % this.#capacity
      const place = this.#where[at]!
      ends[place] = Math.max(ends[place]!, this.#base[at]! + this.#records[at]!)
    }
    return this.#names.map((name, place) => ({ ...name, end: ends[place]! }))
  }

  #placeOf(topic: string, partition: number): number {
    let ofTopic = this.#places.get(topic)
    if (ofTopic === undefined) {
      ofTopic = []
      this.#places.set(topic, ofTopic)
    }
    let place = ofTopic[partition]
    if (place === undefined) {
      place = this.#names.length
      ofTopic[partition] = place
      this.#names.push({ topic, partition })
      this.#droppedTo.push(0)
    }
    return place
  }

  #drop(at: number): void {
    const place = this.#where[at]!
    this.#droppedTo[place] = Math.max(this.#droppedTo[place]!, this.#base[at]! + this.#records[at]!)
  }

  /** Only while it has never been full, so the oldest is the first. */
  #grow(): void {
    const capacity = Math.min(this.#max, Math.max(FIRST_CAPACITY, 2 * this.#capacity))
    const ints = (of: Int32Array<ArrayBuffer>) => {
      const larger = new Int32Array(capacity)
      larger.set(of)
      return larger
    }
    const floats = (of: Float64Array<ArrayBuffer>) => {
      const larger = new Float64Array(capacity)
      larger.set(of)
      return larger
    }
    this.#where = ints(this.#where)
    this.#records = ints(this.#records)
    this.#bytes = ints(this.#bytes)
    this.#base = floats(this.#base)
    this.#at = floats(this.#at)
    const flags = new Uint8Array(capacity)
    flags.set(this.#isByLeader)
    this.#isByLeader = flags
    this.#next = this.#capacity
    this.#capacity = capacity
  }
}
