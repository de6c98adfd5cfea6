import { ClientError } from './errors.ts'

const SIZE_BYTES = 4
/** Every response begins with its correlation id. */
const FRAME_BYTES_MIN = 4
/** A frame that lacks more than this is read into directly; what is smaller costs less as a copy. */
const DIRECT_BYTES_MIN = 32 * 1024

/**
 * Cuts a byte stream into Kafka's size-prefixed frames. Pure: chunks in, frames out.
 *
 * The chunks may be views of a buffer that is reused: each frame lies in a buffer of its own size that nobody else
 * holds. Who reads a socket asks `space` where to put the next bytes: the bulk of a large frame then goes from the
 * kernel to its place without a copy. Nothing is allocated before the announced size has passed the limit.
 */
export class FrameAssembler {
  #limitBytes: number
  readonly #onFrame: (frame: Buffer) => void
  readonly #allocate: (sizeBytes: number) => Buffer
  readonly #size = Buffer.alloc(SIZE_BYTES)
  #sizeFilled = 0
  #frame: Buffer | null = null
  #frameFilled = 0
  /** Whether `space` gave a part of the frame. */
  #direct = false

  constructor(
    limitBytes: number,
    onFrame: (frame: Buffer) => void,
    allocate: (sizeBytes: number) => Buffer = Buffer.allocUnsafe,
  ) {
    this.#limitBytes = limitBytes
    this.#onFrame = onFrame
    this.#allocate = allocate
  }

  /** Applies to frames whose size has not been read yet. */
  set limitBytes(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** True when a frame has begun and not ended. */
  get isMidFrame(): boolean {
    return this.#frame !== null || this.#sizeFilled > 0
  }

  /** Where the next bytes of the stream are to be put: into the frame that has begun, or `scratch`. */
  space(scratch: Uint8Array): Uint8Array {
    this.#direct = this.#frame !== null && this.#frame.length - this.#frameFilled >= DIRECT_BYTES_MIN
    return this.#direct ? this.#frame!.subarray(this.#frameFilled) : scratch
  }

  /** Takes the bytes that were put into the beginning of what `space` gave last. Errors: those of `feed`. */
  filled(bytes: Uint8Array): void {
    if (this.#direct) this.#advance(this.#frame!, bytes.length)
    else this.feed(bytes)
  }

  /** Throws MALFORMED_RESPONSE for an impossible size; the assembler must not be fed again after that. */
  feed(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (this.#frame === null) {
        at = this.#readSize(chunk, at)
        if (this.#frame === null) return
      }
      at = this.#readBody(chunk, at, this.#frame)
    }
  }

  #readSize(chunk: Uint8Array, at: number): number {
    while (this.#sizeFilled < SIZE_BYTES && at < chunk.length) this.#size[this.#sizeFilled++] = chunk[at++]!
    if (this.#sizeFilled < SIZE_BYTES) return at
    const size = this.#size.readInt32BE(0)
    if (size < FRAME_BYTES_MIN || size > this.#limitBytes) throw this.#badSize(size)
    this.#frame = this.#allocate(size)
    this.#frameFilled = 0
    return at
  }

  #readBody(chunk: Uint8Array, at: number, frame: Buffer): number {
    const take = Math.min(chunk.length - at, frame.length - this.#frameFilled)
    frame.set(at === 0 && take === chunk.length ? chunk : chunk.subarray(at, at + take), this.#frameFilled)
    this.#advance(frame, take)
    return at + take
  }

  #advance(frame: Buffer, count: number): void {
    this.#frameFilled += count
    if (this.#frameFilled < frame.length) return
    this.#frame = null
    this.#sizeFilled = 0
    this.#onFrame(frame)
  }

  #badSize(size: number): ClientError {
    const limit = this.#limitBytes
    return new ClientError(
      'MALFORMED_RESPONSE',
      `A frame of ${size} bytes was announced; ${limit} is the limit.`,
      {
        context: { size, limit, firstBytes: this.#size.toString('hex') },
      },
    )
  }
}
