/** Where bytes of all brokers are read to: a read is followed by its callback at once, which copies what it needs. */
const SCRATCH = Buffer.allocUnsafeSlow(32 * 1024)
/** An answer that lacks more than this is read in large pieces, which go to the client without a copy. */
const DIRECT_BYTES_MIN = 8 * 1024
const DIRECT_BYTES = 256 * 1024
const FREE_MAX = 16

/** Buffers that no connection reads into at present. */
const free: Buffer[] = []

/**
 * Where the answers of one broker connection are read to. Between answers it holds nothing; in a large one it has a
 * buffer of its own, which is used again as long as the client takes what it is given at once.
 */
export class AnswerSpace {
  static readonly scratch: Uint8Array = SCRATCH
  readonly #isWaiting: () => boolean
  #direct: Buffer | null = null
  #isDirect = false

  /** `isWaiting`: whether bytes that were handed on lie in the client's socket still. */
  constructor(isWaiting: () => boolean) {
    this.#isWaiting = isWaiting
  }

  /** Where the next bytes go; `coming`: how many of a large answer are still to come. */
  next(coming: number): Uint8Array {
    this.#isDirect = coming >= DIRECT_BYTES_MIN
    if (!this.#isDirect) {
      this.release()
      return SCRATCH
    }
    this.#direct ??= free.pop() ?? Buffer.allocUnsafeSlow(DIRECT_BYTES)
    return this.#direct.subarray(0, Math.min(coming, DIRECT_BYTES))
  }

  /** Hands what was read to `take`, which may write it to the client. */
  handOn(bytes: Uint8Array, take: (bytes: Buffer) => void): void {
    const { buffer, byteOffset, length } = bytes
    // A few bytes that have to wait must not keep a whole buffer alive.
    const isCopied = !this.#isDirect || (length < DIRECT_BYTES / 2 && this.#isWaiting())
    take(isCopied ? Buffer.from(bytes) : Buffer.from(buffer, byteOffset, length))
    // What waits now belongs to the client's socket.
    if (!isCopied && this.#isWaiting()) this.#direct = null
  }

  /** The connection ended, or the answer. */
  release(): void {
    if (this.#direct !== null && free.length < FREE_MAX) free.push(this.#direct)
    this.#direct = null
  }
}
