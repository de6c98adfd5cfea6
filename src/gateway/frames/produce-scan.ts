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

/** A positive number asks for so many bytes in one piece, a negative one passes over as many. */
type Step = Generator<number, void, Buffer>
type Sub<T> = Generator<number, T, Buffer>

/**
 * Walks through a Produce request (version 3 to 12) while its bytes pass by, whatever its size: tells each partition
 * with the head of its batch. Fed from behind `acks` on. Throws GATEWAY_BAD_FRAME for lengths that cannot be.
 */
export class ProduceScan {
  readonly partitions: ScannedPartition[] = []
  readonly #walk: Step
  #want: number
  #skipping = 0
  #pending: Buffer = Buffer.alloc(0)
  #isDone = false

  constructor(version: number, acks: number) {
    this.#walk = walk(version, (found) => this.#add({ ...found, acks }))
    this.#want = this.#next(Buffer.alloc(0))
  }

  feed(chunk: Buffer): void {
    let bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk])
    while (!this.#isDone) {
      if (this.#skipping > 0) {
        const count = Math.min(this.#skipping, bytes.length)
        this.#skipping -= count
        bytes = bytes.subarray(count)
        if (this.#skipping > 0) break
        this.#want = this.#next(EMPTY)
      } else if (this.#want < 0) this.#skipping = -this.#want
      else if (bytes.length < this.#want) break
      else {
        const piece = bytes.subarray(0, this.#want)
        bytes = bytes.subarray(this.#want)
        this.#want = this.#next(piece)
      }
    }
    // A copy, because `bytes` is a view of a chunk that belongs to the socket it goes to.
    this.#pending = this.#isDone || bytes.length === 0 ? EMPTY : Buffer.from(bytes)
  }

  #next(piece: Buffer): number {
    const { value, done } = this.#walk.next(piece)
    this.#isDone = done === true
    return value ?? 0
  }

  #add(found: ScannedPartition): void {
    if (this.partitions.length >= PARTITIONS_MAX) throw bad(`more than ${PARTITIONS_MAX} partitions`)
    this.partitions.push(found)
  }
}

const EMPTY: Buffer = Buffer.alloc(0)

function* walk(version: number, found: (partition: Omit<ScannedPartition, 'acks'>) => void): Step {
  const isFlexible = version >= Produce.flexibleFrom!
  yield 4
  for (let topics = yield* count(isFlexible); topics > 0; topics--) {
    const topic = yield* name(isFlexible)
    for (let left = yield* count(isFlexible); left > 0; left--) {
      const partition = (yield 4).readInt32BE(0)
      const size = yield* count(isFlexible)
      const headBytes = Math.min(size, BATCH_HEAD_BYTES)
      // A copy: the head outlives the chunk that it came in.
      const batchHead = headBytes > 0 ? Buffer.from(yield headBytes) : EMPTY
      if (size > headBytes) yield -(size - headBytes)
      found({ topic, partition, batchHead })
      if (isFlexible) yield* tags()
    }
    if (isFlexible) yield* tags()
  }
  if (isFlexible) yield* tags()
}

function* count(isFlexible: boolean): Sub<number> {
  return Math.max(0, isFlexible ? (yield* uvarint()) - 1 : (yield 4).readInt32BE(0))
}

function* name(isFlexible: boolean): Sub<string> {
  const bytes = isFlexible ? (yield* uvarint()) - 1 : (yield 2).readInt16BE(0)
  if (bytes < 1 || bytes > 0x7fff) throw bad(`a topic name of ${bytes} bytes`)
  return (yield bytes).toString('utf8')
}

function* tags(): Sub<void> {
  for (let left = yield* uvarint(); left > 0; left--) {
    yield* uvarint()
    const bytes = yield* uvarint()
    if (bytes > 0) yield -bytes
  }
}

function* uvarint(): Sub<number> {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = (yield 1)[0]!
    value += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) return value
  }
  throw bad('a length that does not end')
}

function bad(what: string): GatewayError {
  return new GatewayError('GATEWAY_BAD_FRAME', `A Produce request with ${what}.`)
}
