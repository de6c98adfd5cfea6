import { LIVE_FACTOR } from '../budget/priority.ts'
import type { Turns } from '../budget/turns.ts'
import type { PartitionCopier } from '../copier/partition.ts'

/** A partition that may take part in the next Fetch. */
export type Candidate = {
  readonly copier: PartitionCopier
  /** The weight of its topic. */
  readonly weight: number
  /** Offsets that the source has and this worker has not fetched; null when the source's end is not known yet. */
  readonly behind: number | null
  /** What those weigh, judged by what was copied so far; infinite where `behind` is not known. */
  readonly bytes: number
  /** `live`: near enough to the end that it does not count as catching up; `near`: one fetch brings it there. */
  readonly closeness: 'near' | 'live' | 'far'
}

export type Order = {
  readonly candidates: readonly Candidate[]
  /** The place of the first among the turns. */
  readonly position: number
  /** Whether bytes are known to be there. */
  readonly expects: boolean
  /** What all candidates lack together, as far as it is known; infinite where it is not. */
  readonly bytes: number
}

/** What a partition's bytes are counted under: its topic's weight, more while it is live. */
export function classOf({ weight, closeness }: Candidate): number {
  return closeness === 'far' ? weight : weight * LIVE_FACTOR
}

/**
 * Now and then the others go before those in step: a batch larger than what is left of an answer comes only to the
 * first partition that has anything (KIP-74), and that must not always be one in step.
 */
const OTHERS_FIRST_EVERY = 4

/**
 * The order in which a broker is asked: it fills its answer in this order until that is full. First come partitions
 * that have all there is, since what they get next is the newest and little; then classes by their turns, and within
 * a class another one first each time (`turn`), so that none is starved of bytes.
 */
export function orderOf(candidates: readonly Candidate[], turns: Turns, turn: number): Order {
  const inStep: Candidate[] = []
  const byClass = new Map<number, Candidate[]>()
  const start = candidates.length === 0 ? 0 : turn % candidates.length
  let bytes = 0
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[(start + i) % candidates.length]!
    bytes += candidate.bytes
    if (candidate.behind === 0) inStep.push(candidate)
    else {
      const weight = classOf(candidate)
      const group = byClass.get(weight)
      if (group === undefined) byClass.set(weight, [candidate])
      else group.push(candidate)
    }
  }
  const order = turns.order(byClass.keys())
  const leader = order[0]
  const wanting = order.map((weight) => nearFirst(byClass.get(weight)!))
  return {
    candidates: (turn % OTHERS_FIRST_EVERY === OTHERS_FIRST_EVERY - 1
      ? [...wanting, inStep]
      : [inStep, ...wanting]
    ).flat(),
    position: leader === undefined ? Number.NEGATIVE_INFINITY : turns.position(leader),
    expects: leader !== undefined,
    bytes,
  }
}

function nearFirst(candidates: readonly Candidate[]): Candidate[] {
  const isNear = ({ closeness }: Candidate) => closeness === 'near'
  return [...candidates.filter(isNear), ...candidates.filter((candidate) => !isNear(candidate))]
}
