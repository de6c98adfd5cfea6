import type { PartitionAnswer, TopicPartition } from '../port.ts'
import { type Errand, type Household, partitionsOf, receiptOf } from './household.ts'
import {
  noPromotion,
  type PartitionLook,
  type Promotion,
  type PromotionLook,
  promotionStep,
} from './promotion.ts'
import { release } from './release.ts'

/** How often the answer of a promotion that waits is written, so that the command can show it. */
const TELL_EVERY_MS = 2_000

/** Promotes mirrors: waits until nothing is missing, stops copying, looks once more, and lets the topic go. */
export class Promoting {
  readonly #house: Household
  /** By mirror; a new worker begins to look anew. */
  readonly #promotions = new Map<string, Promotion>()

  constructor(house: Household) {
    this.#house = house
  }

  async step(errand: Errand): Promise<void> {
    const { mirror } = errand
    if (mirror.state === 'promoted') return await this.#letGo(errand)
    if (mirror.closing && this.#house.restedBefore(mirror)) return await this.#lookLast(errand)
    // A worker before this one was ended while it looked.
    if (mirror.closing) await this.#open(errand)
    const look = await this.#look(errand)
    const { promotion, ready, text } = promotionStep(this.#promotions.get(mirror.name) ?? noPromotion, look)
    this.#promotions.set(mirror.name, promotion)
    if (!ready) return await this.#tell(errand, text)
    await mirror.notes.closes(true)
    await this.#house.settle(mirror)
    await this.#lookLast(errand)
  }

  /** The look that counts: nobody copies any more. */
  async #lookLast(errand: Errand): Promise<void> {
    const after = await this.#look(errand)
    if (isEqual(after)) return await this.#promote(errand, after)
    await this.#open(errand)
    await this.#tell(errand, 'the source was written to in the last moment: stop its writers')
  }

  async #open({ mirror }: Errand): Promise<void> {
    await mirror.notes.closes(false)
    await this.#house.settle(mirror)
    this.#promotions.delete(mirror.name)
  }

  async #promote(errand: Errand, { partitions }: PromotionLook): Promise<void> {
    const { mirror } = errand
    await mirror.notes.promoted(partitions.map(({ mirrorEnd }) => mirrorEnd!))
    await this.#letGo(errand)
  }

  /** From here on the mirror is a topic of its own, whatever happens to this worker. */
  async #letGo(errand: Errand): Promise<void> {
    const { mirror, intent } = errand
    const ranges = await this.#house.destination.logRanges(mirror.info)
    const ends = mirror.promotedAt ?? ranges.map(({ end }) => end)
    const partitions = ends.map((to, partition) => {
      return { partition, from: ranges[partition]?.start ?? 0, to, sourceEnd: to }
    })
    const text = `${mirror.name} was promoted: nothing was missing, both sides ended at ${ends.join(', ')}`
    const now = this.#house.clock.now()
    await this.#house.saveReceipt(receiptOf(errand, now, { verb: 'promote', text, partitions }))
    await release(mirror, this.#house)
    this.#promotions.delete(mirror.name)
    await mirror.notes.answers({ intent: intent.id, outcome: 'done', text, at: now })
  }

  async #tell({ intent, mirror }: Errand, text: string): Promise<void> {
    const { answer } = mirror.notes
    const now = this.#house.clock.now()
    const fresh = answer !== null && now - answer.at < TELL_EVERY_MS
    if (answer?.text === text || fresh) return
    await mirror.notes.answers({ intent: intent.id, outcome: 'working', text, at: now })
  }

  /** Both sides asked anew: what a loop has seen lately is not enough to end on. */
  async #look({ mirror }: Errand): Promise<PromotionLook> {
    const { copying, source, groupSource, groups, clock } = this.#house
    const at = clock.now()
    const wanted = partitionsOf(mirror)
    const there = wanted.map((one) => copying.sourceOf(one))
    const mirrorEnds = await this.#ends(wanted)
    const sourceEnds = await endsOf(there, source, async (node, part) => {
      return (await source.ranges(node, part)).map((answer) => ({ ...answer, offset: answer.end }))
    })
    const marks = await groupSource.highWatermarks(there)
    const partitions = wanted.map(({ partition }, index): PartitionLook => {
      const fault = copying.copierOf(wanted[index]!)?.fault ?? mirror.fault
      const [mirrorEnd, sourceEnd] = [mirrorEnds[index]!, sourceEnds[index]!]
      return { partition, mirrorEnd, sourceEnd, highWatermark: marks[index]!, fault: fault?.code ?? null }
    })
    const faulted = groups.status().filter(({ state }) => state === 'faulted')
    return {
      at,
      partitions,
      groups: { asOf: groups.carriedAsOf, faulted: faulted.map(({ group }) => group) },
    }
  }

  #ends(partitions: readonly TopicPartition[]): Promise<(number | null)[]> {
    const { destination } = this.#house
    return endsOf(partitions, destination, (node, part) => destination.ends(node, part))
  }
}

function isEqual({ partitions }: PromotionLook): boolean {
  return partitions.every(({ mirrorEnd, sourceEnd, highWatermark }) => {
    return mirrorEnd !== null && mirrorEnd === sourceEnd && sourceEnd === highWatermark
  })
}

type Ask = (
  node: number,
  part: readonly TopicPartition[],
) => Promise<readonly (PartitionAnswer & { readonly offset: number })[]>

/** Ends in the order asked; null where no leader answers for it. */
async function endsOf(
  partitions: readonly TopicPartition[],
  side: { leaderOf(at: TopicPartition): number | null },
  ask: Ask,
): Promise<(number | null)[]> {
  const found = new Map<number, number | null>()
  const byNode = Map.groupBy([...partitions.keys()], (index) => side.leaderOf(partitions[index]!))
  for (const [node, indexes] of byNode) {
    if (node === null) continue
    const answers = await ask(
      node,
      indexes.map((index) => partitions[index]!),
    )
    for (const [nth, index] of indexes.entries()) {
      const answer = answers[nth]!
      found.set(index, answer.errorCode === 0 ? answer.offset : null)
    }
  }
  return partitions.map((_, index) => found.get(index) ?? null)
}
