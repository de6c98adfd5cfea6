import { messageOf } from '../../base/error.ts'
import { AbortedBackwards } from '../../client/records/aborted.ts'
import { type BatchHeader, isControl, lastOffset, readBatchHeader } from '../../wire/batch/header.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import type { PartitionCopier } from '../copier/partition.ts'
import { freshSequence, sequenceAfter } from '../copier/sequence.ts'
import { nameOf, notAuthorized } from '../errors.ts'
import { foreignWriter } from '../evidence.ts'
import type { ProducerState, TailAnswer } from '../port.ts'
import type { Copying } from './copying.ts'
import { limits } from './limits.ts'
import { Signal } from './signal.ts'

/** Batches of unknown origin that are looked at: a request of markers that was given up may leave a thousand. */
const STRANGER_LOOKS_MAX = 1_200

/** Batches at the end of a log, of markers or of what was aborted, that a new worker looks behind for records. */
const RECORDS_LOOKS_MAX = 20

/** The end of a log: a batch to compare, and from where on no reader sees anything. */
type Tail = { readonly answer: TailAnswer; readonly markersFrom?: number | undefined }

type Found = {
  readonly copier: PartitionCopier
  readonly end: number
  readonly producers: readonly ProducerState[]
}

/** Whoever must recover wakes this; the look is for nothing but safety. */
const LOOK_EVERY_MS = 5_000

/**
 * Gives partitions their position back from the destination's log alone: its end, and the sequence that the leader
 * expects next of us. Both are read until the end stood still in between, so that they belong together.
 */
export class Recovery {
  readonly #copying: Copying
  readonly #wake = new Signal()
  #failures = 0

  constructor(copying: Copying) {
    this.#copying = copying
  }

  wake(): void {
    this.#wake.give()
  }

  async run(): Promise<void> {
    while (!this.#copying.stopping) {
      const { waiting, restMs } = this.#due()
      if (waiting.length === 0) {
        this.#copying.health.allSettled('destination')
        await this.#wake.wait(restMs, this.#copying.clock)
        continue
      }
      const left = await this.#recoverAll(waiting)
      if (left === 0) {
        this.#failures = 0
        continue
      }
      const pauseMs = Math.min(limits.retryFirstMs * 2 ** this.#failures++, limits.retryLastMs)
      await this.#copying.clock.sleep(pauseMs, this.#copying.stopSignal)
      await this.#copying.refreshDestination()
    }
  }

  /** Who may recover now, and how long the next one of the others has to wait. */
  #due(): { waiting: PartitionCopier[]; restMs: number } {
    const now = this.#copying.clock.now()
    let restMs: number = LOOK_EVERY_MS
    const waiting = this.#copying.copiersIn('recovering').filter((copier) => {
      const rest = this.#copying.strikes.restMs(copier, now)
      if (rest > 0) restMs = Math.min(restMs, rest)
      return rest === 0
    })
    return { waiting, restMs }
  }

  /** Returns how many are still without a position. */
  async #recoverAll(copiers: readonly PartitionCopier[]): Promise<number> {
    const { health, log, clock, destination } = this.#copying
    const byNode = Map.groupBy(copiers, (copier) => destination.leaderOf(copier.at))
    const groups = [...byNode].map(async ([node, group]) => {
      try {
        const left = node === null ? group.length : await this.#recoverAt(node, group)
        if (left === 0) health.answered('destination', node ?? 'leaderless')
        else health.failed('destination', node ?? 'leaderless', 'its partitions do not settle', clock.now())
        return left
      } catch (error) {
        log.warn({ node, why: messageOf(error) }, 'recovery failed')
        health.failed('destination', node ?? 'leaderless', messageOf(error), clock.now())
        return group.length
      }
    })
    return (await Promise.all(groups)).reduce((sum, left) => sum + left, 0)
  }

  async #recoverAt(node: number, copiers: readonly PartitionCopier[]): Promise<number> {
    const { destination, epochKeeper } = this.#copying
    await epochKeeper?.open()
    const partitions = copiers.map((copier) => copier.at)
    const before = await destination.ends(node, partitions)
    const states = await destination.producers(node, partitions)
    const after = await destination.ends(node, partitions)
    const found: Found[] = []
    let left = 0
    for (const [index, copier] of copiers.entries()) {
      const [first, state, last] = [before[index]!, states[index]!, after[index]!]
      const codes = [first.errorCode, state.errorCode, last.errorCode]
      const refusal = notAuthorized(copier.at, "reading the log's end", ...codes)
      if (refusal !== null) {
        copier.raise(refusal)
        continue
      }
      if (codes.includes(ErrorCode.TRANSACTION_COORDINATOR_FENCED)) {
        this.#copying.fenced(copier, ErrorCode.TRANSACTION_COORDINATOR_FENCED)
        continue
      }
      const settled = codes.every((code) => code === 0)
      if (!settled || first.offset !== last.offset) left++
      else found.push({ copier, end: last.offset, producers: state.producers })
    }
    const tails = await this.#tails(node, found)
    for (const one of found) {
      const unsent = await this.#unsent(node, one)
      left += this.#take(node, one, unsent ?? tails.get(one.copier) ?? null)
    }
    return left
  }

  /**
   * Where more stands in the log than this worker has sent: the first batch that is not the link's own, or else the
   * markers up to the end. Markers are answered without an offset: behind a stranger's records they stand too late, and
   * the last batch is one of ours; and those that were given up may land beside those sent in their place.
   */
  async #unsent(node: number, { copier, end }: Found): Promise<Tail | null> {
    const { provenTo, sentTo } = copier
    if (provenTo === null || end <= sentTo) return null
    let at = provenTo
    let markers: Tail | null = null
    for (let looks = 0; at < end && looks < STRANGER_LOOKS_MAX; looks++) {
      const [answer] = await this.#copying.destination.tails(node, [{ ...copier.at, offset: at }])
      if (answer!.errorCode !== 0 || answer!.batch === null) return { answer: answer! }
      const header = readBatchHeader(answer!.batch, 0)
      if (this.#isForeign(copier, header)) return { answer: answer! }
      if (!isControl(header)) markers = null
      else markers ??= { answer: answer!, markersFrom: header.baseOffset }
      at = Math.max(at, lastOffset(header)) + 1
    }
    return at < end ? null : markers
  }

  #isForeign(copier: PartitionCopier, { producerId, baseOffset }: BatchHeader): boolean {
    const { writers, adoptedTo } = this.#copying.factsOf(copier)
    const fillsGaps = this.#copying.destination.gapWriters?.has(producerId) === true
    return writers.size > 0 && !writers.has(producerId) && !fillsGaps && baseOffset >= adoptedTo
  }

  /**
   * The last batch of each log: the end alone does not tell who wrote up to there. For a new worker, which knows
   * nothing of the source's epochs, the last one with records: a marker looks like any other. Where the log was adopted
   * its last records may be those of an aborted transaction, which the other side holds markers for.
   */
  async #tails(node: number, found: readonly Found[]): Promise<Map<PartitionCopier, Tail>> {
    const asked = found.filter(({ end }) => end > 0)
    if (asked.length === 0) return new Map()
    const tails = new Map<PartitionCopier, Tail>()
    let looking = asked.map(({ copier, end }) => ({
      copier,
      offset: end - 1,
      aborted: new AbortedBackwards(),
    }))
    for (let looks = 0; looking.length > 0 && looks < RECORDS_LOOKS_MAX; looks++) {
      const items = looking.map(({ copier, offset }) => ({ ...copier.at, offset }))
      const answers = await this.#copying.destination.tails(node, items)
      looking = looking.flatMap(({ copier, aborted }, index) => {
        const answer = answers[index]!
        const { batch } = answer
        const isFirst = !tails.has(copier)
        const header = batch === null ? null : readBatchHeader(batch, 0)
        const isUnseen = batch !== null && header !== null && aborted.isUnseen(batch, header)
        // What cannot be read before the end is only one thing less to compare.
        if (isFirst || (answer.errorCode === 0 && header !== null)) {
          const markersFrom = isUnseen ? header.baseOffset : tails.get(copier)?.markersFrom
          tails.set(copier, { answer, markersFrom })
        }
        if (!isUnseen || header.baseOffset === 0) return []
        return copier.provenTo === null && !this.#isForeign(copier, header)
          ? [{ copier, offset: header.baseOffset - 1, aborted }]
          : []
      })
    }
    return tails
  }

  /** Returns 1 when the partition is still without a position. */
  #take(node: number, found: Found, tail: Tail | null): number {
    const { copier } = found
    const answer = tail?.answer
    const refusal = notAuthorized(copier.at, "reading the log's last batch", answer?.errorCode ?? 0)
    if (refusal !== null) copier.raise(refusal)
    else if (answer !== undefined && answer.errorCode !== 0) return 1
    else this.#resume(node, found, tail)
    return 0
  }

  #resume(node: number, { copier, end, producers }: Found, last: Tail | null): void {
    const tail = last?.answer.batch ?? null
    const { producerId, generation } = this.#copying.markerWriter
    const own = producers.find((state) => state.producerId === producerId)
    if (own !== undefined && own.coordinatorEpoch > generation) {
      this.#copying.fencedBy(copier, own.coordinatorEpoch)
      return
    }
    const { acceptedTo, adoptedTo } = this.#copying.factsOf(copier)
    const wrote = tail === null ? null : readBatchHeader(tail, 0)
    if (tail !== null && wrote !== null && this.#isForeign(copier, wrote)) {
      this.#copying.damaged(copier, foreignWriter(copier.at, tail, producers))
      return
    }
    if (own === undefined && wrote !== null && !isControl(wrote)) {
      const text = `${nameOf(copier.at)}: the destination no longer knew producer id ${producerId} at offset ${end}`
      this.#copying.events.note('PRODUCER_STATE_EXPIRED', this.#copying.clock.now(), text)
    }
    const unguarded = own === undefined
    const nextSequence = unguarded ? freshSequence(generation, end) : nextSequenceOf(own)
    const producerEpoch = own?.producerEpoch ?? epochOf(wrote, producerId)
    const epochs = this.#copying.epochKeeper?.find(copier.at) ?? null
    const known = { epochs, acceptedTo, adoptedTo, markersFrom: last?.markersFrom }
    copier.recovered({ end, producerEpoch, nextSequence, unguarded, tail, ...known })
    this.#copying.resumed(copier, node)
  }
}

/** Where the leader expects us to go on: at 0 when it has forgotten us, or saw nothing but our markers. */
export function nextSequenceOf(own: ProducerState | undefined): number {
  return own === undefined || own.lastSequence < 0 ? 0 : sequenceAfter(own.lastSequence, 1)
}

/** The writer's epoch by the last batch of the log, where the leader has forgotten it. */
function epochOf(wrote: BatchHeader | null, producerId: number): number | undefined {
  return wrote?.producerId === producerId ? wrote.producerEpoch : undefined
}
