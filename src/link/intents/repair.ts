import { offsetsText } from '../evidence.ts'
import type { AnswerRecord, IntentRecord, ReceiptRecord, Wish } from '../state/intents.ts'
import type { Fault } from '../status.ts'
import { copyAnew } from './heed.ts'
import {
  type Errand,
  faultsOf,
  type Household,
  ownerOf,
  partitionsOf,
  reachedBy,
  receiptOf,
} from './household.ts'
import { repairsFor } from './repairs.ts'

type RepairWish = Wish & { readonly verb: 'repair' }
type RepairErrand = Errand & { readonly wish: RepairWish }
type Range = { readonly partition: number; readonly from: number; readonly to: number }
type Chosen = ReadonlyMap<number, Fault>

/** A fault that a resume did not cure comes back within this time. */
const FAULT_RETURNS_MS = 6_000

/** Repairs what is faulted, as the operator chose, and keeps a receipt of what that meant. */
export class Repairing {
  readonly #house: Household
  /** When partitions were let go on, by intent. */
  readonly #resumedAt = new Map<string, number>()

  constructor(house: Household) {
    this.#house = house
  }

  async step(errand: RepairErrand, answer: AnswerRecord | null): Promise<void> {
    if (answer === null && !(await this.#begin(errand))) return
    switch (errand.wish.choice) {
      case 'accept-gap':
        return await this.#fill(errand)
      case 'reseed':
        return await this.#reseed(errand)
      case 'resume':
        return await this.#watch(errand)
    }
  }

  async #begin(errand: RepairErrand): Promise<boolean> {
    const { mirror, wish } = errand
    const chosen = this.#chosen(errand)
    if (typeof chosen === 'string') return await this.#refuse(errand, chosen)
    this.#house.log.info(
      { topic: mirror.topic, choice: wish.choice, by: errand.intent.by },
      'mirror is repaired',
    )
    switch (wish.choice) {
      case 'accept-gap':
        return await this.#accept(errand, chosen)
      case 'reseed':
        await mirror.notes.answers(this.#working(errand, 'deleting the mirror'))
        return true
      case 'resume':
        await mirror.notes.cures([...chosen.keys()], this.#working(errand, 'looking again'))
        this.#goOn(errand, [...chosen.keys()])
        return true
    }
  }

  /** The faults that the choice is for; a text says why there are none. */
  #chosen({ intent, mirror, wish }: RepairErrand): Chosen | string {
    if (mirror.topicId !== wish.mirrorTopicId)
      return `${mirror.name} is not the topic any more that was to be repaired`
    const all = faultsOf(this.#house, mirror)
    if (mirror.fault !== null && all.size === 0) all.set(0, mirror.fault)
    const numbers = wish.partitions
    const asked = new Map([...all].filter(([partition]) => numbers === null || numbers.includes(partition)))
    if (asked.size === 0) {
      const where = numbers === null ? '' : ` in partition ${numbers.join(', ')}`
      return `${mirror.name} has no fault${where}: there is nothing to repair`
    }
    const fitting = new Map([...asked].filter(([, { code }]) => repairsFor(code).includes(wish.choice)))
    const misfits = [...asked.values()].filter(({ code }) => !repairsFor(code).includes(wish.choice))
    if (fitting.size > 0 && (numbers === null || misfits.length === 0)) return fitting
    return misfit(intent, misfits[0]!)
  }

  async #refuse({ intent, mirror }: RepairErrand, text: string): Promise<false> {
    const at = this.#house.clock.now()
    await mirror.notes.answers({ intent: intent.id, outcome: 'refused', text, at })
    return false
  }

  #working({ intent }: RepairErrand, text: string): AnswerRecord {
    return { intent: intent.id, outcome: 'working', text, at: this.#house.clock.now() }
  }

  /** Lets partitions be copied anew; those of other workers let go on whoever copies them (`Heeding`). */
  #goOn({ intent, mirror }: RepairErrand, partitions: readonly number[]): void {
    const own = partitions.filter((partition) => ownerOf(this.#house, mirror, partition) === null)
    copyAnew(this.#house.copying, mirror.name, own)
    this.#resumedAt.set(intent.id, this.#house.clock.now())
  }

  /** Whether all other workers that may have had something to do have done it. */
  #othersObeyed({ intent, mirror, wish }: RepairErrand): boolean {
    const told = this.#house.told()
    const numbers = wish.partitions ?? partitionsOf(mirror).map(({ partition }) => partition)
    const owners = numbers.map((partition) => ownerOf(this.#house, mirror, partition))
    return owners.every((owner) => owner === null || told.hasObeyed(owner, intent.id))
  }

  /** Notes which offsets are given up; the copiers fill them with markers and go on behind. */
  async #accept(errand: RepairErrand, chosen: Chosen): Promise<boolean> {
    const { mirror } = errand
    const ranges: Range[] = []
    for (const [partition, { code, evidence }] of chosen) {
      const range = await this.#lost(errand, partition, code, evidence)
      if (typeof range === 'string') return await this.#refuse(errand, range)
      ranges.push(range)
    }
    const text = ranges.map(
      ({ partition, from, to }) => `${mirror.name}-${partition} ${offsetsText(from, to - from)}`,
    )
    const receipt = this.#receipt(errand, `accepted as lost: ${text.join(', ')}`, ranges)
    await this.#house.saveReceipt(receipt)
    await mirror.notes.accepts(ranges, this.#working(errand, 'filling the gap'))
    this.#goOn(
      errand,
      ranges.map(({ partition }) => partition),
    )
    return true
  }

  /** The offsets that are lost, asked anew: more may have been deleted since the fault was found. */
  async #lost(
    { mirror }: RepairErrand,
    partition: number,
    code: string,
    evidence: Fault['evidence'],
  ): Promise<Range | string> {
    const at = { topic: mirror.name, partition }
    const { copying, source, destination } = this.#house
    const there = copying.sourceOf(at)
    const [sourceNode, node] = [source.leaderOf(there), destination.leaderOf(at)]
    if (sourceNode === null || node === null) throw new Error(`${mirror.name}-${partition} has no leader now`)
    const [end] = await destination.ends(node, [at])
    const [range] = await source.ranges(sourceNode, [there])
    if (end?.errorCode !== 0 || range?.errorCode !== 0)
      throw new Error('the ends of both sides are not known')
    const from = end.offset
    const { offset, count } = evidence as { offset?: number; count?: number }
    const to = code === 'RETENTION_OVERTOOK' ? range.start : (offset ?? 0) + (count ?? 0)
    if (code === 'CORRUPT_BATCH' && count === undefined) {
      return `${mirror.name}-${partition}: how far the damage goes is not known, so nothing can be accepted as lost`
    }
    if (code === 'CORRUPT_BATCH' && offset !== from) {
      return `${mirror.name}-${partition}: records before the damaged batch are not copied yet; ask again in a minute`
    }
    return to > from ? { partition, from, to } : `${mirror.name}-${partition}: nothing is lost any more`
  }

  async #fill(errand: RepairErrand): Promise<void> {
    const { mirror, intent } = errand
    const ranges = mirror.notes.acceptedBy(intent.id)
    const left = ranges.filter(({ partition, to }) => {
      return (reachedBy(this.#house, { topic: mirror.name, partition }) ?? -1) < to
    })
    if (left.length > 0) return
    const text = ranges.map(
      ({ partition, from, to }) => `${mirror.name}-${partition} ${offsetsText(from, to - from)}`,
    )
    await this.#done(errand, `filled with markers: ${text.join(', ')}; copying goes on`)
  }

  /** The session deletes the mirror and makes it again; it is done when there is another topic. */
  async #reseed(errand: RepairErrand): Promise<void> {
    const { mirror, wish } = errand
    const remade =
      mirror.topicId !== null && mirror.topicId !== wish.mirrorTopicId && mirror.state === 'active'
    if (!remade) {
      // Deleted already, and being made again.
      if (mirror.topicId !== wish.mirrorTopicId) return
      if (this.#house.share.isShared) {
        // What another worker still had on its way could land in the new one.
        await mirror.notes.closes(true)
        await this.#house.settle(mirror)
      }
      mirror.replaces(wish.mirrorTopicId)
      return
    }
    const text = `${mirror.name} was deleted and made again from what the source has`
    await this.#house.saveReceipt(this.#receipt(errand, text, []))
    await this.#done(errand, text)
  }

  async #watch(errand: RepairErrand): Promise<void> {
    const { mirror, intent } = errand
    const since = this.#resumedAt.get(intent.id)
    // A fault that was told before its worker looked again says nothing.
    if (since === undefined) return this.#goOn(errand, [...faultsOf(this.#house, mirror).keys()])
    if (!this.#othersObeyed(errand)) return void this.#resumedAt.set(intent.id, this.#house.clock.now())
    const [back] = faultsOf(this.#house, mirror).values()
    if (back !== undefined) {
      await this.#refuse(errand, `the fault is still there: ${back.message}`)
    } else if (this.#house.clock.now() - since > FAULT_RETURNS_MS) {
      await this.#done(errand, `${mirror.name} copies again`)
    }
  }

  async #done({ intent, mirror }: RepairErrand, text: string): Promise<void> {
    this.#resumedAt.delete(intent.id)
    await mirror.notes.answers({ intent: intent.id, outcome: 'done', text, at: this.#house.clock.now() })
  }

  #receipt(errand: RepairErrand, text: string, ranges: readonly Range[]): ReceiptRecord {
    const partitions = ranges.map((range) => ({ ...range, sourceEnd: null }))
    const verb = errand.wish.choice
    return receiptOf(errand, this.#house.clock.now(), { verb, text, partitions })
  }
}

function misfit({ wish }: IntentRecord, found: Fault): string {
  const choice = (wish as RepairWish).choice
  const fits = repairsFor(found.code)
  const others =
    fits.length === 0 ? 'no repair does; its remedy says what to do' : `these do: ${fits.join(', ')}`
  return `${choice} does not fit ${found.code}: ${others}`
}
