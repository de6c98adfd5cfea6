import { Produce } from '../../wire/apis/000-produce.ts'
import { GatewayError, mayHaveMoved } from '../errors.ts'
import { FrameStream, type Verdict as FrameVerdict } from '../frames/frame-stream.ts'
import { ProduceScan, type ScannedPartition } from '../frames/produce-scan.ts'
import * as head from '../frames/request-head.ts'
import {
  LOGIN_FRAME_BYTES_MAX,
  OWED_IN_SWITCH_MAX,
  REPEATABLE_BYTES_MAX,
  WHOLE_FRAME_BYTES_MAX,
} from '../limits.ts'
import { needsChange, plainFetch } from '../rewrite/fetch.ts'
import { type Served, servedApi } from '../rewrite/served.ts'
import type { View } from '../rewrite/view.ts'
import { judgeAfterSwap } from '../state/produce-rules.ts'
import type { Asker, Call } from '../state/rules.ts'
import { Answers } from './answers.ts'
import type { Edge, Host } from './edge.ts'
import type { Owed } from './owed.ts'
import { notServed, reasonFor, tooLarge } from './reasons.ts'
import { refusedProduce } from './refused-produce.ts'
import type { Verdict } from './verdict.ts'

const PRODUCE = 0
const FETCH = 1
const METADATA = 3
const API_VERSIONS = 18

/** What is done with the pieces of the Produce request that passes by. */
type Passing =
  /** `owed`: who is told of the batches at the end; null for requests that nobody answers. */
  | {
      readonly kind: 'forward'
      readonly scan: ProduceScan | null
      toScan: number
      readonly owed: Owed | null
    }
  | { readonly kind: 'swallow'; readonly scan: ProduceScan; toScan: number; readonly refusal: Refusal }

const FORWARD: Passing = { kind: 'forward', scan: null, toScan: 0, owed: null }

type Refusal = {
  readonly version: number
  readonly correlationId: number
  readonly code: number
  readonly acks: number
}

/**
 * One client connection without its sockets: frames of the client come in, are judged, pass to the broker or are
 * answered here; answers leave in the order of the requests. The broker behind may change or vanish: whatever is owed
 * and may be sent again is sent to the next one, and the client notices nothing.
 */
export class Session implements Asker {
  readonly #host: Host
  readonly #edge: Edge
  readonly #requests: FrameStream
  readonly #answers: Answers
  /** A whole request that was taken from the stream and has to wait. */
  #held: Buffer | null = null
  #passing: Passing = FORWARD
  #hasBroker = false
  #waitsForAnswers = false
  #isPumping = false
  #clientId: string | null = null
  #offer: string | null = null

  constructor(host: Host, edge: Edge) {
    this.#host = host
    this.#edge = edge
    this.#requests = new FrameStream(
      {
        begin: (bytes, size) => this.#beginRequest(bytes, size),
        whole: (frame) => this.#takeRequest(frame),
        piece: (bytes, isLast) => this.#passRequest(bytes, isLast),
      },
      { headBytes: head.REQUEST_HEAD_BYTES, frameBytesMax: host.limits.frameBytes },
    )
    this.#answers = new Answers(host, edge, () => this.#onLessOwed())
  }

  get clientId(): string | null {
    return this.#clientId
  }

  /** Bytes of the client that wait here. */
  get waitingBytes(): number {
    return this.#requests.waitingBytes + (this.#held?.length ?? 0)
  }

  /** Whether requests wait until they may pass; false while one is merely incomplete. */
  get isParked(): boolean {
    return this.#held !== null || this.#requests.isStopped
  }

  /** Whether the client has not asked for anything yet. */
  get isSilent(): boolean {
    return this.#offer === null && this.#clientId === null && !this.isParked
  }

  /** Which versions the client was offered; null when it has not asked. */
  get offer(): string | null {
    return this.#offer
  }

  get isMidAnswer(): boolean {
    return this.#answers.isMidFrame
  }

  /** How many bytes of a large answer are still to come: its reader may read more at a time. */
  get passingBytes(): number {
    return this.#answers.passingBytes
  }

  /** Bytes of the broker that wait until an answer before them is made. */
  get heldAnswerBytes(): number {
    return this.#answers.heldBytes
  }

  /** Answers that a broker owes, of requests for which `counts` is true. */
  owedCount(counts: (api: Served) => boolean): number {
    let count = 0
    for (const { api } of this.#answers.ofBroker()) if (counts(api)) count++
    return count
  }

  /** Whether another broker can take over unnoticed: nothing is owed that may not be sent again. */
  get isMovable(): boolean {
    if (this.isMidAnswer || this.#passing.kind === 'swallow' || this.#requests.isMidFrame) return false
    for (const { request } of this.#answers.ofBroker()) if (request === null) return false
    return true
  }

  /** Bytes of the client. Never throws: what is wrong closes the connection. */
  fromClient(bytes: Buffer): void {
    this.#guard(() => {
      this.#requests.feed(bytes)
    })
  }

  /** Bytes of the broker. */
  fromBroker(bytes: Buffer): void {
    this.#guard(() => this.#answers.feed(bytes))
  }

  /** A broker is there, ready for requests: what was owed by another one is asked again. */
  brokerOpened(): void {
    this.#guard(() => {
      this.#hasBroker = true
      this.#answers.brokerOpened()
      for (const { api, version, correlationId, request: frame } of this.#answers.ofBroker()) {
        if (frame === null) continue
        const again = this.#host.rules.again({ api, version, correlationId, frame, session: this })
        this.#forward(api, again, this.#host.view())
      }
      this.resume()
    })
  }

  /** The broker is gone. False when the client has to be closed, since nobody knows what became of a request. */
  brokerLost(): boolean {
    const isMovable = this.isMovable
    this.#hasBroker = false
    const isOwed = this.owedCount(() => true) > 0
    if (isMovable && isOwed) this.#edge.needBroker()
    return isMovable
  }

  /** The connection ends: of the batches that were on their way nobody knows whether they were written. */
  giveUp(): void {
    for (const { batches } of this.#answers.ofBroker())
      if (batches !== null) this.#host.rules.deliveries.lost(batches)
  }

  /** Parked requests are judged again, in order. */
  resume(): void {
    if (this.#isPumping) return
    this.#guard(() => {
      this.#isPumping = true
      try {
        const held = this.#held
        this.#held = null
        if (held !== null) this.#takeRequest(held)
        if (this.#held === null) this.#requests.resume()
      } finally {
        this.#isPumping = false
      }
    })
  }

  /** Requests that wait because too many answers are owed go on. */
  #onLessOwed(): void {
    if (!this.#waitsForAnswers || !this.#mayOwe()) return
    this.#waitsForAnswers = false
    this.resume()
  }

  #mayOwe(): boolean {
    const { owedAnswers, parkedBytesPerConnection } = this.#host.limits
    const sizeMax = this.#host.rules.atLeast('yielding') ? OWED_IN_SWITCH_MAX : owedAnswers
    return (
      this.#answers.size < Math.min(sizeMax, owedAnswers) &&
      this.#answers.keptBytes < parkedBytesPerConnection
    )
  }

  #guard(act: () => void): void {
    try {
      act()
    } catch (error) {
      this.#edge.close(reasonFor(error))
    }
  }

  #beginRequest(bytes: Buffer, sizeBytes: number): FrameVerdict {
    if (!this.#mayOwe()) {
      this.#waitsForAnswers = true
      return 'stop'
    }
    const key = head.apiKeyOf(bytes)
    const version = head.versionOf(bytes)
    const api = servedApi(key)
    if (api === undefined || ((version < api.min || version > api.max) && key !== API_VERSIONS))
      throw notServed(key, version)
    const isLoggedIn = this.#host.login.isDone
    if (key !== PRODUCE || !isLoggedIn) {
      const limit = isLoggedIn ? WHOLE_FRAME_BYTES_MAX : LOGIN_FRAME_BYTES_MAX
      if (sizeBytes > limit) throw tooLarge(api.name, sizeBytes, limit)
      return 'whole'
    }
    return this.#beginProduce(bytes, sizeBytes, api, version)
  }

  #beginProduce(bytes: Buffer, sizeBytes: number, api: Served, version: number): FrameVerdict {
    const produce = head.produceHead(bytes, version)
    if (produce === null) {
      if (bytes.length < sizeBytes) return 'more'
      throw new GatewayError('GATEWAY_BAD_FRAME', 'A Produce request ends within its head.')
    }
    this.#clientId ??= head.clientIdOf(bytes)
    const correlationId = head.correlationIdOf(bytes)
    const verdict = this.#host.rules.judgeProduce(produce, this)
    if (verdict.kind === 'park') return 'stop'
    if (verdict.kind === 'refuse') {
      const refusal = { version, correlationId, code: verdict.code, acks: produce.acks }
      const scan = new ProduceScan(version, produce.acks)
      this.#passing = { kind: 'swallow', scan, toScan: produce.bodyAt, refusal }
      return 'pieces'
    }
    if (!this.#brokerOrStop()) return 'stop'
    if (this.#host.rules.isChecking) return 'whole'
    const owed = produce.acks === 0 ? null : this.#answers.owe({ api, version, correlationId })
    const scan = new ProduceScan(version, produce.acks)
    this.#passing = { kind: 'forward', scan, toScan: produce.bodyAt, owed }
    return 'pieces'
  }

  #passRequest(bytes: Buffer, isLast: boolean): void {
    const passing = this.#passing
    if (passing.kind === 'forward') {
      // A request that is cut off is never written.
      if (!this.#host.rules.mayWrite) throw mayHaveMoved()
      this.#edge.toBroker(bytes)
    }
    const skipped = Math.min(passing.toScan, bytes.length)
    passing.toScan -= skipped
    passing.scan?.feed(bytes.subarray(skipped))
    if (!isLast) return
    this.#passing = FORWARD
    if (passing.kind === 'forward') {
      if (passing.scan === null) return
      const { acked, deliveries } = this.#host.rules
      const { partitions } = passing.scan
      if (passing.owed !== null) this.#answers.keepBatches(passing.owed, deliveries.passed(partitions))
      else acked.passedUnanswered(partitions)
      return
    }
    const { version, correlationId, code, acks } = passing.refusal
    if (acks === 0) return
    const frames = refusedProduce(passing.scan.partitions, version, correlationId, code)
    this.#answers.make({ api: servedApi(Produce.key)!, version, correlationId }, frames)
  }

  /** A whole request: one that has to wait is held, and nothing behind it is looked at. */
  #takeRequest(frame: Buffer): void {
    if (this.#process(frame)) return
    this.#held = frame
    this.#requests.stop()
  }

  #process(frame: Buffer): boolean {
    const version = head.versionOf(frame)
    const correlationId = head.correlationIdOf(frame)
    const api = servedApi(head.apiKeyOf(frame))!
    this.#clientId ??= head.clientIdOf(frame)
    if (api.key === API_VERSIONS) return this.#offerVersions(frame, api, version, correlationId)
    const call: Call = { api, version, correlationId, frame, session: this }
    if (api.key === PRODUCE && this.#host.login.isDone) return this.#processProduce(call)
    const verdict = this.#host.login.judge(call) ?? this.#host.rules.judge(call)
    if (api.key === METADATA) this.#host.census.noteTopics(this, call)
    return this.#follow(verdict, call)
  }

  /** A Produce request soon after a switch, or one that waited whole. */
  #processProduce(call: Call): boolean {
    const { version, correlationId, frame } = call
    const { rules } = this.#host
    const produce = head.produceHead(frame, version)
    if (produce === null)
      throw new GatewayError('GATEWAY_BAD_FRAME', 'A Produce request ends within its head.')
    const verdict = rules.judgeProduce(produce, this)
    if (verdict.kind === 'park' || !this.#brokerOrStop()) return false
    const scan = new ProduceScan(version, produce.acks)
    scan.feed(frame.subarray(produce.bodyAt))
    if (produce.acks === 0) {
      if (verdict.kind !== 'pass') return true
      rules.acked.passedUnanswered(scan.partitions)
      this.#edge.toBroker(frame)
    } else if (verdict.kind === 'refuse') {
      const frames = refusedProduce(scan.partitions, version, correlationId, verdict.code)
      this.#answers.make(call, frames)
    } else this.#follow(judgeAfterSwap(call, scan.partitions, rules), call, scan.partitions)
    return true
  }

  #follow(
    verdict: Verdict,
    { api, version, correlationId, frame }: Call,
    batches: readonly ScannedPartition[] | null = null,
  ): boolean {
    if (verdict.kind === 'park') return false
    if (verdict.kind === 'answer') {
      this.#answers.make({ api, version, correlationId }, verdict.frames)
      return true
    }
    if (!this.#brokerOrStop()) return false
    const isKept = api.repeatable && frame.length <= REPEATABLE_BYTES_MAX
    // A copy where the frame is a small part of a large chunk, which would be kept alive by it.
    const request = isKept ? Buffer.from(verdict.frame ?? frame) : null
    const kept = { request, change: verdict.change ?? null }
    const sent = batches === null ? null : this.#host.rules.deliveries.passed(batches)
    this.#answers.owe({ api, version, correlationId }, { ...kept, batches: sent })
    this.#forward(api, verdict.frame ?? frame, this.#host.view())
    return true
  }

  #offerVersions(frame: Buffer, api: Served, version: number, correlationId: number): boolean {
    const offer = this.#host.offer()
    if (offer === null) return false
    this.#offer = offer.fingerprint
    this.#host.census.noteLibrary(this, frame, version)
    this.#answers.make({ api, version, correlationId }, offer.answer(version, correlationId))
    return true
  }

  /** True when requests can be sent on; otherwise a broker is sought, and `resume` follows. */
  #brokerOrStop(): boolean {
    if (this.#hasBroker) return true
    this.#edge.needBroker()
    return false
  }

  #forward(api: Served, frame: Buffer, view: View): void {
    const request =
      api.key === FETCH && needsChange(frame, head.versionOf(frame)) ? plainFetch.request : api.request
    if (request === null) this.#edge.toBroker(frame)
    else for (const chunk of request(frame, view)) this.#edge.toBroker(chunk)
    if (view.missedTopic) this.#host.learn()
  }
}
