import { Produce } from '../../wire/apis/000-produce.ts'
import { GatewayError } from '../errors.ts'

/** One partition of a Produce request: `batchHead` holds the first bytes of its records, as many as there are. */
export type ScannedPartition = {
  readonly topic: string
  readonly partition: number
  readonly batchHead: Buffer
  /** What the request asks for: 0 no answer, 1 the leader's, -1 that of all in sync. */
  readonly acks: number
}

/** Header of a record batch (KIP-98). */
const BATCH_HEAD_BYTES = 61
const PARTITIONS_MAX = 200_000

/** Rests at each `yield` until more bytes have come. */
type Walk<T = void> = Generator<void, T, void>

const EMPTY: Buffer = Buffer.alloc(0)

/**
 * Walks through a Produce request (version 3 to 12) while its bytes pass by, whatever its size: tells each partition
 * with the head of its batch. Fed from behind `acks` on. Throws GATEWAY_BAD_FRAME for lengths that cannot be.
 */
export class ProduceScan {
  readonly partitions: ScannedPartition[] = []
  readonly #isFlexible: boolean
  readonly #acks: number
  readonly #walk: Walk
  #bytes = EMPTY
  #at = 0
  #isDone = false

  constructor(version: number, acks: number) {
    this.#isFlexible = version >= Produce.flexibleFrom!
    this.#acks = acks
    this.#walk = this.#request()
  }

  feed(chunk: Buffer): void {
    if (this.#isDone) return
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    this.#at = 0
    this.#isDone = this.#walk.next().done === true
    // A copy, because the chunk belongs to the socket it goes to.
    this.#bytes = this.#isDone || this.#left === 0 ? EMPTY : Buffer.from(this.#bytes.subarray(this.#at))
  }

  get #left(): number {
    return this.#bytes.length - this.#at
  }

  *#request(): Walk {
    yield* this.#pass(4)
    for (let topics = yield* this.#count(); topics > 0; topics--) {
      const topic = yield* this.#name()
      for (let left = yield* this.#count(); left > 0; left--) yield* this.#partition(topic)
      yield* this.#tags()
    }
    yield* this.#tags()
  }

  *#partition(topic: string): Walk {
    const partition = yield* this.#int32()
    const size = yield* this.#count()
    const headBytes = Math.min(size, BATCH_HEAD_BYTES)
    // A copy: the head outlives the chunk that it came in.
    const batchHead = headBytes === 0 ? EMPTY : Buffer.from(yield* this.#take(headBytes))
    yield* this.#pass(size - headBytes)
    if (this.partitions.length >= PARTITIONS_MAX) throw bad(`more than ${PARTITIONS_MAX} partitions`)
    this.partitions.push({ topic, partition, batchHead, acks: this.#acks })
    yield* this.#tags()
  }

  *#name(): Walk<string> {
    const bytes = this.#isFlexible ? (yield* this.#uvarint()) - 1 : (yield* this.#take(2)).readInt16BE(0)
    if (bytes < 1 || bytes > 0x7fff) throw bad(`a topic name of ${bytes} bytes`)
    return (yield* this.#take(bytes)).toString('utf8')
  }

  *#count(): Walk<number> {
    return Math.max(0, this.#isFlexible ? (yield* this.#uvarint()) - 1 : yield* this.#int32())
  }

  *#tags(): Walk {
    if (!this.#isFlexible) return
    for (let left = yield* this.#uvarint(); left > 0; left--) {
      yield* this.#uvarint()
      yield* this.#pass(yield* this.#uvarint())
    }
  }

  *#uvarint(): Walk<number> {
    let value = 0
    for (let shift = 0; shift < 35; shift += 7) {
      while (this.#left === 0) yield
      const byte = this.#bytes[this.#at++]!
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) return value
    }
    throw bad('a length that does not end')
  }

  *#int32(): Walk<number> {
    while (this.#left < 4) yield
    this.#at += 4
    return this.#bytes.readInt32BE(this.#at - 4)
  }

  /** So many bytes in one piece. */
  *#take(count: number): Walk<Buffer> {
    while (this.#left < count) yield
    this.#at += count
    return this.#bytes.subarray(this.#at - count, this.#at)
  }

  /** Passes over so many bytes, which need not be there at once. */
  *#pass(count: number): Walk {
    let left = count
    while (left > this.#left) {
      left -= this.#left
      this.#at = this.#bytes.length
      yield
    }
    this.#at += left
  }
}

function bad(what: string): GatewayError {
  return new GatewayError('GATEWAY_BAD_FRAME', `A Produce request with ${what}.`)
}
