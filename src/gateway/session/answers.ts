import { Queue } from '../../client/queue.ts'
import { decodeResponseFrame } from '../../wire/api.ts'
import { Produce } from '../../wire/apis/000-produce.ts'
import { mayHaveMoved } from '../errors.ts'
import { FrameStream, type Verdict as FrameVerdict } from '../frames/frame-stream.ts'
import type { ScannedPartition } from '../frames/produce-scan.ts'
import { ANSWER_HEAD_BYTES } from '../frames/request-head.ts'
import { WHOLE_FRAME_BYTES_MAX } from '../limits.ts'
import type { Sent } from '../state/deliveries.ts'
import type { Edge, Host } from './edge.ts'
import { type Owed, WRITES } from './owed.ts'
import { outOfTurn, reasonFor, tooLarge } from './reasons.ts'

const SIZE_BYTES = 4
/** The size of a frame is an int32; answers pass in pieces. */
const ANSWER_BYTES_MAX = 0x7fffffff

/** The request that an answer belongs to. */
export type Asked = Pick<Owed, 'api' | 'version' | 'correlationId'>
/** What is kept of it until then. */
type Kept = Pick<Owed, 'request' | 'change' | 'batches'>

/**
 * What a client is owed: answers leave in the order of the requests, whoever makes them. Those of the broker pass, or
 * are rewritten; a new broker begins a new stream. Pure but for the promises that some answers wait for.
 */
export class Answers {
  readonly #host: Host
  readonly #edge: Edge
  /** Called when one less is owed. */
  readonly #onLess: () => void
  readonly #owed = new Queue<Owed>()
  #keptBytes = 0
  #stream: FrameStream
  /** An answer is being made anew, and all behind it wait. */
  #isHeld = false

  constructor(host: Host, edge: Edge, onLess: () => void) {
    this.#host = host
    this.#edge = edge
    this.#onLess = onLess
    this.#stream = this.#newStream()
  }

  get size(): number {
    return this.#owed.size
  }

  /** What is kept of requests until they are answered; heads of batches and their names are guessed. */
  get keptBytes(): number {
    return this.#keptBytes
  }

  get isMidFrame(): boolean {
    return this.#stream.isMidFrame
  }

  get passingBytes(): number {
    return this.#stream.passingBytes
  }

  /** Bytes of the broker that came while an earlier answer is still being made. */
  get heldBytes(): number {
    return this.#stream.isStopped ? this.#stream.waitingBytes : 0
  }

  /** What a broker owes. */
  *ofBroker(): Generator<Owed> {
    for (const owed of this.#owed) if (owed.local === 'broker') yield owed
  }

  /** An answer that a broker will give. */
  owe({ api, version, correlationId }: Asked, kept: Partial<Kept> = {}): Owed {
    const { request = null, change = null, batches = null } = kept
    const owed: Owed = { api, version, correlationId, request, change, batches, local: 'broker' }
    this.#owed.push(owed)
    this.#keptBytes += keptBytesOf(owed)
    return owed
  }

  /** The batches of a Produce request, known once all of it has passed. */
  keepBatches(owed: Owed, batches: readonly Sent[]): void {
    // A broker may have answered before it had all.
    if (owed.local !== 'broker') return
    owed.batches = batches
    this.#keptBytes += keptBytesOf(owed)
  }

  /** An answer that is made here, now or once the promise is kept. */
  make(asked: Asked, frames: readonly Buffer[] | Promise<readonly Buffer[]>): void {
    const owed = this.owe(asked)
    owed.local = null
    if (frames instanceof Promise) this.#settle(frames, (made) => this.#made(owed, made))
    else this.#made(owed, frames)
  }

  /** A broker took the place of another: nothing of the last one counts any more. */
  brokerOpened(): void {
    this.#isHeld = false
    this.#stream = this.#newStream()
  }

  /** Bytes of the broker. Throws GatewayErrors, and what the codec throws. */
  feed(bytes: Buffer): void {
    this.#stream.feed(bytes)
  }

  #newStream(): FrameStream {
    return new FrameStream(
      {
        begin: (bytes, sizeBytes) => this.#begin(bytes, sizeBytes),
        whole: (frame) => this.#take(frame),
        piece: (bytes, isLast) => this.#pass(bytes, isLast),
      },
      { headBytes: ANSWER_HEAD_BYTES, frameBytesMax: ANSWER_BYTES_MAX },
    )
  }

  #begin(bytes: Buffer, sizeBytes: number): FrameVerdict {
    const owed = this.#owed.peek()
    if (owed === undefined) throw outOfTurn('An answer came that nobody asked for.')
    if (owed.local === null) return 'stop'
    if (owed.correlationId !== bytes.readInt32BE(4))
      throw outOfTurn(`The answer to ${owed.api.name} has another correlation id than the request.`)
    if (owed.api.answer === null && owed.change === null) return 'pieces'
    const limit = WHOLE_FRAME_BYTES_MAX
    if (sizeBytes > limit) throw tooLarge(`An answer to ${owed.api.name}`, sizeBytes, limit)
    return 'whole'
  }

  #pass(bytes: Buffer, isLast: boolean): void {
    this.#edge.toClient(bytes)
    if (isLast) this.#done()
  }

  #take(frame: Buffer): void {
    const owed = this.#owed.peek()!
    // What it acknowledges may have been counted as lost already.
    if (WRITES.has(owed.api.key) && !this.#host.rules.mayWrite) throw mayHaveMoved()
    if (owed.batches !== null) this.#noteDelivered(owed.batches, frame, owed.version)
    const changed = owed.change?.(frame) ?? [frame]
    if (changed instanceof Promise) this.#hold(changed, (frames) => this.#finish(owed, frames))
    else this.#finish(owed, changed)
  }

  #noteDelivered(batches: readonly ScannedPartition[], frame: Buffer, version: number): void {
    const { deliveries, generation } = this.#host.rules
    const { body } = decodeResponseFrame(Produce, version, frame.subarray(SIZE_BYTES))
    deliveries.answered(batches, body, generation)
  }

  #finish(owed: Owed, frames: readonly Buffer[]): void {
    const rewrite = owed.api.answer
    if (rewrite === null) {
      this.#send(frames)
      return
    }
    const view = this.#host.view()
    const frame = frames.length === 1 ? frames[0]! : Buffer.concat(frames)
    const rewritten = rewrite(frame, owed.version, view)
    if (!view.missedTopic) this.#send(rewritten)
    // A topic id that nobody has seen: the cluster is asked for its topics, then it is tried once more.
    else this.#hold(this.#host.learn(), () => this.#send(rewrite(frame, owed.version, this.#host.view())))
  }

  #send(frames: readonly Buffer[]): void {
    for (const chunk of frames) this.#edge.toClient(chunk)
    this.#done()
    if (!this.#isHeld) return
    this.#isHeld = false
    this.#stream.resume()
  }

  /** Further answers wait until this one is made, unless another broker is asked for it meanwhile. */
  #hold<T>(promise: Promise<T>, then: (value: T) => void): void {
    this.#isHeld = true
    const stream = this.#stream
    stream.stop()
    this.#settle(promise, (value) => {
      if (stream === this.#stream) then(value)
    })
  }

  #made(owed: Owed, frames: readonly Buffer[]): void {
    owed.local = frames
    this.#flush()
    if (this.#stream.isStopped && !this.#isHeld) this.#stream.resume()
  }

  #done(): void {
    this.#shift()
    this.#flush()
    this.#onLess()
  }

  /** Answers made here leave as soon as they are next. */
  #flush(): void {
    for (let next = this.#owed.peek(); next !== undefined; next = this.#owed.peek()) {
      const { local } = next
      if (local === null || local === 'broker') return
      this.#shift()
      for (const chunk of local) this.#edge.toClient(chunk)
      this.#onLess()
    }
  }

  #shift(): void {
    const owed = this.#owed.shift()!
    this.#keptBytes -= keptBytesOf(owed)
    owed.local = []
  }

  #settle<T>(promise: Promise<T>, then: (value: T) => void): void {
    const end = (error: unknown): void => this.#edge.close(reasonFor(error))
    promise.then((value) => {
      try {
        then(value)
        this.#edge.changed()
      } catch (error) {
        end(error)
      }
    }, end)
  }
}

const BATCH_KEPT_BYTES = 256

function keptBytesOf({ request, batches }: Owed): number {
  return (request?.length ?? 0) + (batches?.length ?? 0) * BATCH_KEPT_BYTES
}
