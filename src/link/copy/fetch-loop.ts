import { KmcError, messageOf } from '../../base/error.ts'
import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import type { PartitionCopier } from '../copier/partition.ts'
import { fault, type LinkErrorCode, linkErrors, nameOf } from '../errors.ts'
import type { FetchAsk, Fetched, FetchItem } from '../port.ts'
import type { Copying } from './copying.ts'
import { type Candidate, classOf, type Order, orderOf } from './fetch-order.ts'
import { limits } from './limits.ts'
import { Signal } from './signal.ts'

/** With the pauses between them about six seconds: by then metadata name the leader. */
const DOUBTS_MAX = 5

/** What a comparison finds that only a new mirror cures. */
const DAMAGE: ReadonlySet<string> = new Set(['SOURCE_TRUNCATED', 'DIVERGED'])

type Asked = { readonly candidate: Candidate; readonly item: FetchItem; readonly incarnation: number }

/** Reads from one source broker for as long as the link runs: one Fetch at a time over all partitions with room. */
export class FetchLoop {
  readonly #copying: Copying
  readonly #node: number
  readonly #wake = new Signal()
  /** How often in a row the source has told of another log than the one that was copied. */
  readonly #doubts = new Map<PartitionCopier, number>()
  /** Partitions that were refused just now, and until when they are left out. */
  readonly #resting = new Map<PartitionCopier, { readonly times: number; readonly until: number }>()
  #turn = 0
  #failures = 0

  constructor(copying: Copying, node: number) {
    this.#copying = copying
    this.#node = node
  }

  /** There may be room or a new partition: look again. */
  wake(): void {
    this.#wake.give()
  }

  async run(): Promise<void> {
    while (!this.#copying.stopping) {
      const { order, waitMs, bytesMax, partitionMax } = this.#choose()
      if (order.candidates.length === 0) {
        this.#copying.gate.leave(this)
        await this.#rest(waitMs)
        continue
      }
      const { position, expects } = order
      const grant = this.#copying.gate.ask(this, { position, expects, bytesMax })
      if (grant.kind === 'wait') {
        await this.#rest(Math.min(grant.waitMs, limits.fetchWaitMs))
        continue
      }
      this.#turn++
      let bytes = 0
      // What is on its way needs room as much as what is here.
      const coming = expects ? grant.bytes : 0
      this.#copying.comingBytes += coming
      try {
        const ask = { maxWaitMs: waitMs, maxBytes: grant.bytes, inOrder: order.bytes > grant.bytes }
        bytes = await this.#fetch(order.candidates, { ...ask, partitionMax })
        this.#failures = 0
        this.#copying.health.answered('source', this.#node)
      } catch (error) {
        await this.#failed(error)
      } finally {
        this.#copying.comingBytes -= coming
        this.#copying.gate.answered(grant.reserved, bytes)
      }
    }
    this.#copying.gate.leave(this)
  }

  async #rest(ms: number): Promise<void> {
    this.#copying.health.answered('source', this.#node)
    await this.#wake.wait(ms, this.#copying.clock)
  }

  /** Who takes part in the next Fetch, in which order. */
  #choose(): { order: Order; waitMs: number; bytesMax: number; partitionMax: number } {
    const mine = this.#copying.ledAtSource(this.#node)
    const { partitionMax, freeBytes } = this.#copying.held.room()
    const low = Math.min(limits.partitionBytesLow, partitionMax / 2)
    let waitMs: number = limits.fetchWaitMs
    let someRunLow = false
    const eligible: PartitionCopier[] = []
    const now = this.#copying.clock.now()
    for (const copier of mine) {
      if (copier.phase === 'recovering' || copier.phase === 'draining') waitMs = Math.min(waitMs, 100)
      if (copier.phase !== 'copying') continue
      const restMs = (this.#resting.get(copier)?.until ?? 0) - now
      // One longer than the longest is over: the clock was set back.
      if (restMs > 0 && restMs <= limits.retryLastMs) waitMs = Math.min(waitMs, restMs)
      else if (copier.heldBytes >= partitionMax) waitMs = Math.min(waitMs, limits.fetchWaitPartialMs)
      else {
        eligible.push(copier)
        someRunLow ||= copier.heldBytes <= low
      }
    }
    // Who has plenty waits until somebody runs low: one large answer costs less than one for each partition.
    const candidates = someRunLow ? eligible.map((copier) => this.#copying.candidateOf(copier, now)) : []
    const order = orderOf(candidates, this.#copying.gate.turns, this.#turn)
    const bytesMax = Math.max(limits.fetchBytesMin, Math.min(limits.fetchBytesMax, freeBytes))
    return { order, waitMs, bytesMax, partitionMax }
  }

  /** Gives how many bytes of records came. */
  async #fetch(
    candidates: readonly Candidate[],
    { partitionMax, ...ask }: FetchAsk & { readonly partitionMax: number },
  ): Promise<number> {
    const { source, clock, ends, gate, counters } = this.#copying
    const askMax = Math.min(limits.fetchPartitionBytesMax, ask.maxBytes)
    const isShort = partitionMax < limits.partitionBytesMax
    const asked = candidates.map((candidate): Asked => {
      const { at, fetchOffset: offset, lastEpoch, incarnation } = candidate.copier
      const { topic, partition } = this.#copying.sourceOf(at)
      const maxBytes = isShort ? roomOf(candidate.copier, partitionMax, askMax) : askMax
      return { candidate, item: { topic, partition, offset, lastEpoch, maxBytes }, incarnation }
    })
    const items = asked.map(({ item }) => item)
    const answers = await source.fetch(this.#node, items, ask)
    const now = clock.now()
    const touched: PartitionCopier[] = []
    let refused = false
    let bytes = 0
    for (let index = 0; index < answers.length; index++) {
      const answer = answers[index]!
      const { candidate, incarnation } = asked[index]!
      const { copier } = candidate
      if (answer.errorCode !== 0) {
        this.#refused(asked[index]!, answer)
        refused = true
        continue
      }
      if (this.#resting.size > 0) this.#resting.delete(copier)
      if (answer.diverging) refused = true
      else if (this.#doubts.size > 0) this.#doubts.delete(copier)
      ends.note(copier, answer.lastStableOffset, now)
      if (answer.records === null || answer.records.length === 0) {
        this.#nothingThere(asked[index]!, answer)
        continue
      }
      bytes += answer.records.length
      gate.turns.charge(classOf(candidate), answer.records.length)
      this.#accept(copier, answer, incarnation)
      touched.push(copier)
    }
    counters.fetchedBytes += bytes
    // What stays of the answer is held by the copiers now. All its parts lie in one piece of memory.
    const part = answers.find(({ records }) => records !== null)?.records
    if (part) source.memory.release(part)
    this.#copying.epochKeeper?.keep(touched)
    this.#copying.settled(touched)
    if (refused) void this.#copying.refreshSource()
    return bytes
  }

  /** Mostly that is all there is; but the source's log may have gone another way than the one that was copied. */
  #nothingThere({ candidate, item, incarnation }: Asked, { diverging, lastStableOffset }: Fetched): void {
    const { copier } = candidate
    if (copier.incarnation !== incarnation) return
    if (diverging) {
      // A broker that leads no more, or not yet, answers as well, and its log may be behind: the leader is looked up
      // again and asked again before that is believed.
      const times = (this.#doubts.get(copier) ?? 0) + 1
      this.#doubts.set(copier, times)
      if (times > DOUBTS_MAX) this.#copying.truncated(copier, diverging)
      else this.#leaveOut(copier, item.offset, times, 'another log than the one that was copied')
    }
    // A source that ends one offset too early has nothing there, which is no error to it.
    else if (lastStableOffset >= 0 && lastStableOffset < copier.position)
      void this.#copying.outOfRange(copier)
  }

  #accept(copier: PartitionCopier, answer: Fetched, incarnation: number): void {
    const recutBefore = copier.recutBatches
    try {
      copier.accept(answer, incarnation)
      this.#copying.counters.recutBatches += copier.recutBatches - recutBefore
    } catch (error) {
      if (!(error instanceof KmcError)) throw error
      const evidence = { ...copier.at, ...error.context }
      const found = fault(faultCodeOf(error), `${nameOf(copier.at)}: ${error.message}`, evidence)
      if (DAMAGE.has(found.code)) this.#copying.damaged(copier, found)
      else copier.raise(found)
    }
  }

  /** A fault where repeating cannot help; else the partition rests a little, and the others go on. */
  #refused({ candidate, item, incarnation }: Asked, answer: Fetched): void {
    const { copier } = candidate
    const { offset } = item
    if (copier.incarnation !== incarnation) return
    const name = nameOf(copier.at)
    switch (answer.errorCode) {
      case ErrorCode.OFFSET_OUT_OF_RANGE:
        void this.#copying.outOfRange(copier)
        break
      case ErrorCode.TOPIC_AUTHORIZATION_FAILED:
        copier.raise(fault('NOT_AUTHORIZED', `${name}: no READ on the source topic`, copier.at))
        return
      case ErrorCode.CORRUPT_MESSAGE: {
        const text = `${name}: the source cannot read its log at offset ${offset}`
        copier.raise(fault('CORRUPT_BATCH', text, { ...copier.at, offset }))
        return
      }
    }
    const times = (this.#resting.get(copier)?.times ?? 0) + 1
    this.#leaveOut(copier, offset, times, errorOf(answer.errorCode).name)
  }

  #leaveOut(copier: PartitionCopier, offset: number, times: number, why: string): void {
    const until = this.#copying.clock.now() + Math.min(limits.retryFirstMs * 2 ** times, limits.retryLastMs)
    this.#resting.set(copier, { times, until })
    this.#copying.log.warn({ ...copier.at, offset, times, why }, 'the source refused a fetch')
  }

  async #failed(error: unknown): Promise<void> {
    this.#copying.health.failed('source', this.#node, messageOf(error), this.#copying.clock.now())
    this.#copying.log.warn({ node: this.#node, why: messageOf(error) }, 'fetch failed')
    const pauseMs = Math.min(limits.retryFirstMs * 2 ** this.#failures++, limits.retryLastMs)
    await this.#copying.clock.sleep(pauseMs, this.#copying.stopSignal)
    await this.#copying.refreshSource()
  }
}

/** Not less than a usual batch: a smaller ask would mostly bring nothing. */
function roomOf({ heldBytes }: PartitionCopier, partitionMax: number, askMax: number): number {
  return Math.min(askMax, Math.max(limits.fetchPartitionBytesMin, Math.floor(partitionMax - heldBytes)))
}

function faultCodeOf({ code }: KmcError): LinkErrorCode {
  if (code === 'BATCH_UNSUPPORTED_MAGIC') return 'OLD_RECORD_FORMAT'
  return code in linkErrors ? (code as LinkErrorCode) : 'CORRUPT_BATCH'
}
