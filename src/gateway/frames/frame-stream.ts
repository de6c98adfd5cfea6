import { GatewayError } from '../errors.ts'

/** What is to be done with the frame that has begun. */
export type Verdict =
  /** Hand it over in one piece once it is there. */
  | 'whole'
  /** Hand its bytes over as they come. */
  | 'pieces'
  /** Ask again when this frame has more bytes; a frame that is there wholly cannot have more. */
  | 'more'
  /** Leave it and all that follows where it is until `resume`. */
  | 'stop'

export type FrameSink = {
  /** `head`: what is there of the frame, its size included; at least `headBytes`. `sizeBytes`: of the frame in all. */
  begin(head: Buffer, sizeBytes: number): Verdict
  whole(frame: Buffer): void
  piece(bytes: Buffer, isLast: boolean): void
}

export type FrameStreamOptions = {
  /** The least that a frame has, its size included. */
  readonly headBytes: number
  readonly frameBytesMax: number
}

const SIZE_BYTES = 4
const MERGED_BYTES_MAX = 4 * 1024

/**
 * Cuts a stream of bytes into Kafka's size-prefixed frames. Pure: chunks in, frames or pieces of them out, as the sink
 * decides for each. Nothing is copied unless a frame that is wanted whole came in several chunks, and nothing is
 * allocated by a size that a peer announced. Throws GATEWAY_BAD_FRAME and GATEWAY_FRAME_TOO_LARGE; the stream must not
 * be fed again after that.
 */
export class FrameStream {
  frameBytesMax: number
  readonly #sink: FrameSink
  readonly #headBytes: number
  /** Bytes not handed over yet; the first chunk begins with the frame that is next. */
  #chunks: Buffer[] = []
  #waitingBytes = 0
  /** How many bytes must be there before the sink is asked, or the frame is handed over. */
  #needBytes: number
  #wanted: 'head' | 'whole' = 'head'
  #passingBytes = 0
  #isStopped = false
  #isPumping = false

  constructor(sink: FrameSink, { headBytes, frameBytesMax }: FrameStreamOptions) {
    this.#sink = sink
    this.#headBytes = headBytes
    this.#needBytes = headBytes
    this.frameBytesMax = frameBytesMax
  }

  /** Bytes that wait here, because the stream is stopped or a frame is not there wholly. */
  get waitingBytes(): number {
    return this.#waitingBytes
  }

  get isStopped(): boolean {
    return this.#isStopped
  }

  /** Bytes of the present frame that are still to be handed over in pieces. */
  get passingBytes(): number {
    return this.#passingBytes
  }

  /** Whether a frame was begun whose pieces are being handed over. */
  get isMidFrame(): boolean {
    return this.#passingBytes > 0
  }

  feed(chunk: Buffer): void {
    if (chunk.length === 0) return
    const last = this.#chunks.at(-1)
    // Bytes that come one by one would cost many times their size.
    if (last !== undefined && last.length + chunk.length <= MERGED_BYTES_MAX)
      this.#chunks[this.#chunks.length - 1] = Buffer.concat([last, chunk])
    else this.#chunks.push(chunk)
    this.#waitingBytes += chunk.length
    this.#pump()
  }

  /** The sink is asked again about the frame at which it said `stop`. */
  resume(): void {
    this.#isStopped = false
    this.#pump()
  }

  /** Stops before the next frame, or before the next piece of the present one. */
  stop(): void {
    this.#isStopped = true
  }

  #pump(): void {
    if (this.#isPumping) return
    this.#isPumping = true
    try {
      while (!this.#isStopped && this.#step());
    } finally {
      this.#isPumping = false
    }
  }

  /** False when more bytes are needed. */
  #step(): boolean {
    if (this.#passingBytes > 0) return this.#pass()
    if (this.#waitingBytes < this.#needBytes) return false
    const head = this.#front(this.#needBytes)
    const sizeBytes = head.readInt32BE(0) + SIZE_BYTES
    if (this.#wanted === 'whole') this.#handOver(sizeBytes)
    else this.#judge(head, sizeBytes)
    return true
  }

  #judge(head: Buffer, sizeBytes: number): void {
    if (sizeBytes < this.#headBytes)
      throw new GatewayError('GATEWAY_BAD_FRAME', `A frame of ${sizeBytes} bytes.`)
    if (sizeBytes > this.frameBytesMax) {
      const message = `A frame of ${sizeBytes} bytes; ${this.frameBytesMax} is the limit.`
      throw new GatewayError('GATEWAY_FRAME_TOO_LARGE', message)
    }
    const available = head.length > sizeBytes ? head.subarray(0, sizeBytes) : head
    const verdict = this.#sink.begin(available, sizeBytes)
    if (verdict === 'stop') this.#isStopped = true
    else if (verdict === 'pieces') {
      this.#passingBytes = sizeBytes
      this.#needBytes = this.#headBytes
    } else if (verdict === 'whole') {
      this.#wanted = 'whole'
      this.#needBytes = sizeBytes
    } else this.#needBytes = Math.min(sizeBytes, available.length * 2)
  }

  #handOver(sizeBytes: number): void {
    const first = this.#chunks[0]!
    this.#wanted = 'head'
    this.#needBytes = this.#headBytes
    this.#drop(sizeBytes)
    this.#sink.whole(first.length === sizeBytes ? first : first.subarray(0, sizeBytes))
  }

  #pass(): boolean {
    const first = this.#chunks[0]
    if (first === undefined) return false
    const count = Math.min(first.length, this.#passingBytes)
    this.#passingBytes -= count
    this.#drop(count)
    const bytes = first.length === count ? first : first.subarray(0, count)
    this.#sink.piece(bytes, this.#passingBytes === 0)
    return true
  }

  /** The first chunk, made to hold at least `bytes`. */
  #front(bytes: number): Buffer {
    if (this.#chunks[0]!.length < bytes) {
      let count = 0
      let sum = 0
      while (sum < bytes) sum += this.#chunks[count++]!.length
      const joined = Buffer.concat(this.#chunks.slice(0, count), sum)
      this.#chunks.splice(0, count, joined)
    }
    return this.#chunks[0]!
  }

  #drop(bytes: number): void {
    this.#waitingBytes -= bytes
    const first = this.#chunks[0]!
    if (first.length === bytes) this.#chunks.shift()
    else this.#chunks[0] = first.subarray(bytes)
  }
}
