import { KmcError, messageOf } from '../../base/error.ts'
import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import type { PartitionCopier } from '../copier/partition.ts'
import { fault, type LinkErrorCode, linkErrors, nameOf } from '../errors.ts'
import type { Fetched } from '../port.ts'
import type { Copying } from './copying.ts'
import { limits } from './limits.ts'
import { Signal } from './signal.ts'

type Asked = { readonly copier: PartitionCopier; readonly offset: number; readonly incarnation: number }

/** Reads from one source broker for as long as the link runs: one Fetch at a time over all partitions with room. */
export class FetchLoop {
  readonly #copying: Copying
  readonly #node: number
  readonly #wake = new Signal()
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
      const { asked, waitMs } = this.#choose()
      if (asked.length === 0) {
        this.#copying.health.answered('source', this.#node)
        await this.#wake.wait(waitMs, this.#copying.clock)
        continue
      }
      try {
        await this.#fetch(asked, waitMs)
        this.#failures = 0
        this.#copying.health.answered('source', this.#node)
      } catch (error) {
        await this.#failed(error)
      }
    }
  }

  /** Who takes part in the next Fetch, starting with another one each time so that none is starved of bytes. */
  #choose(): { asked: Asked[]; waitMs: number } {
    const mine = this.#copying.ledAtSource(this.#node)
    const room = this.#copying.heldBytes < limits.heldBytesMax
    let waitMs: number = limits.fetchWaitMs
    const asked: Asked[] = []
    const now = this.#copying.clock.now()
    const start = mine.length === 0 ? 0 : this.#turn++ % mine.length
    for (let i = 0; i < mine.length; i++) {
      const copier = mine[(start + i) % mine.length]!
      if (copier.phase === 'recovering' || copier.phase === 'draining') waitMs = Math.min(waitMs, 100)
      if (copier.phase !== 'copying') continue
      const restMs = (this.#resting.get(copier)?.until ?? 0) - now
      if (restMs > 0) waitMs = Math.min(waitMs, restMs)
      else if (!room || copier.heldBytes >= limits.partitionBytesMax)
        waitMs = Math.min(waitMs, limits.fetchWaitPartialMs)
      else asked.push({ copier, offset: copier.fetchOffset, incarnation: copier.incarnation })
    }
    // Who has plenty waits until somebody runs low: one large answer costs less than one for each partition.
    const someRunLow = asked.some(({ copier }) => copier.heldBytes < limits.partitionBytesLow)
    return { asked: someRunLow ? asked : [], waitMs }
  }

  async #fetch(asked: readonly Asked[], maxWaitMs: number): Promise<void> {
    const { source, clock, ends } = this.#copying
    const items = asked.map(({ copier, offset }) => ({
      ...this.#copying.sourceOf(copier.at),
      offset,
      maxBytes: limits.fetchPartitionBytesMax,
    }))
    const answers = await source.fetch(this.#node, items, { maxWaitMs, maxBytes: limits.fetchBytesMax })
    const touched: PartitionCopier[] = []
    let refused = false
    for (const [index, answer] of answers.entries()) {
      const { copier, incarnation } = asked[index]!
      if (answer.errorCode !== 0) {
        this.#refused(asked[index]!, answer)
        refused = true
        continue
      }
      this.#resting.delete(copier)
      ends.note(copier, answer.lastStableOffset, clock.now())
      if (answer.records === null || answer.records.length === 0) continue
      this.#accept(copier, answer, incarnation)
      touched.push(copier)
    }
    // What stays of the answer is held by the copiers now. All its parts lie in one piece of memory.
    const part = answers.find(({ records }) => records !== null)?.records
    if (part) source.memory.release(part)
    this.#copying.settled(touched)
    if (refused) void this.#copying.refreshSource()
  }

  #accept(copier: PartitionCopier, answer: Fetched, incarnation: number): void {
    try {
      copier.accept(answer, incarnation)
    } catch (error) {
      if (!(error instanceof KmcError)) throw error
      copier.raise(
        fault(faultCodeOf(error), `${nameOf(copier.at)}: ${error.message}`, {
          ...copier.at,
          ...error.context,
        }),
      )
    }
  }

  /** A fault where repeating cannot help; else the partition rests a little, and the others go on. */
  #refused({ copier, offset, incarnation }: Asked, answer: Fetched): void {
    if (copier.incarnation !== incarnation) return
    const name = nameOf(copier.at)
    switch (answer.errorCode) {
      case ErrorCode.OFFSET_OUT_OF_RANGE:
        void this.#copying.outOfRange(copier, offset)
        break
      case ErrorCode.TOPIC_AUTHORIZATION_FAILED:
        copier.raise(fault('NOT_AUTHORIZED', `${name}: no READ on the source topic`, copier.at))
        return
      case ErrorCode.CORRUPT_MESSAGE: {
        const text = `${name}: the source cannot read offset ${offset}`
        copier.raise(fault('CORRUPT_BATCH', text, { ...copier.at, offset }))
        return
      }
    }
    const times = (this.#resting.get(copier)?.times ?? 0) + 1
    const until = this.#copying.clock.now() + Math.min(limits.retryFirstMs * 2 ** times, limits.retryLastMs)
    this.#resting.set(copier, { times, until })
    const why = errorOf(answer.errorCode).name
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

function faultCodeOf({ code }: KmcError): LinkErrorCode {
  if (code === 'BATCH_UNSUPPORTED_MAGIC') return 'OLD_RECORD_FORMAT'
  return code in linkErrors ? (code as LinkErrorCode) : 'CORRUPT_BATCH'
}
