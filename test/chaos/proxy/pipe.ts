import type { Socket } from 'node:net'
import type { Conditions } from './conditions.ts'

type Parcel = { bytes: Buffer; readonly arrivesAt: number }

const HELD_BYTES_MAX = 1024 * 1024
/** A capped path sends about twenty small pieces a second, so that frames arrive in parts. */
const PIECES_PER_SECOND = 20

/** One direction of one proxied connection: bytes wait here for as long as the conditions say. */
export class Pipe {
  readonly #from: Socket
  readonly #to: Socket
  readonly #conditions: () => Conditions
  readonly #reset: () => void
  readonly #queue: Parcel[] = []
  #queuedBytes = 0
  #freeAt = 0
  #timer: NodeJS.Timeout | undefined
  #cutsNext = false
  #ended = false
  #silent = false

  /** `reset` drops both sockets of the connection. */
  constructor(from: Socket, to: Socket, conditions: () => Conditions, reset: () => void) {
    this.#from = from
    this.#to = to
    this.#conditions = conditions
    this.#reset = reset
    from.on('data', (bytes) => this.#take(bytes as Buffer))
    from.once('end', () => {
      this.#ended = true
      this.wake()
    })
    to.on('drain', () => this.wake())
    to.once('close', () => clearTimeout(this.#timer))
  }

  /** The next bytes are cut in their middle by a reset of the connection. */
  cutNext(): void {
    this.#cutsNext = true
  }

  /** Nothing passes any more, not even the end. */
  silence(): void {
    this.#silent = true
    this.#from.resume()
  }

  /** Looks again, after the conditions have changed or time has passed. */
  wake(): void {
    clearTimeout(this.#timer)
    for (let waitMs = 0; waitMs === 0; ) {
      waitMs = this.#step()
      if (waitMs > 0 && waitMs < Infinity) this.#timer = setTimeout(() => this.wake(), waitMs)
    }
  }

  #take(bytes: Buffer): void {
    if (this.#silent) return
    const { delayMs, jitterMs } = this.#conditions()
    const last = this.#queue.at(-1)?.arrivesAt ?? 0
    // Jitter must not let bytes of one connection overtake each other.
    const arrivesAt = Math.max(last, Date.now() + delayMs + Math.random() * jitterMs)
    this.#queue.push({ bytes, arrivesAt })
    this.#queuedBytes += bytes.length
    if (this.#queuedBytes > HELD_BYTES_MAX) this.#from.pause()
    this.wake()
  }

  /** Sends one piece if it is due; gives how long to wait before the next look, Infinity for "until woken". */
  #step(): number {
    const { held, bytesPerSecond } = this.#conditions()
    if (held || this.#silent || this.#to.destroyed || this.#to.writableNeedDrain) return Infinity
    const parcel = this.#queue[0]
    if (parcel === undefined) {
      if (this.#ended) this.#to.end()
      return Infinity
    }
    const now = Date.now()
    const dueAt = Math.max(parcel.arrivesAt, this.#freeAt)
    if (dueAt > now) return Math.ceil(dueAt - now)
    if (this.#cutsNext) return this.#cut(parcel.bytes)
    const size = Math.min(parcel.bytes.length, Math.ceil(bytesPerSecond / PIECES_PER_SECOND))
    this.#freeAt = now + (size / bytesPerSecond) * 1000
    this.#send(parcel, size)
    return 0
  }

  #send(parcel: Parcel, size: number): void {
    this.#to.write(parcel.bytes.subarray(0, size))
    parcel.bytes = parcel.bytes.subarray(size)
    this.#queuedBytes -= size
    if (parcel.bytes.length === 0) this.#queue.shift()
    if (this.#queuedBytes <= HELD_BYTES_MAX) this.#from.resume()
  }

  #cut(bytes: Buffer): number {
    this.#cutsNext = false
    // The half must be on its way before the reset, or the system would throw it away.
    this.#to.write(bytes.subarray(0, bytes.length >> 1), this.#reset)
    this.#queue.length = 0
    return Infinity
  }
}
