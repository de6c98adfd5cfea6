import { Random } from './engine/random.ts'

/** One thing that goes wrong at a time. `a` and `b` (0 to 1) choose among what is there; `ms` says how long. */
export type FaultItem = {
  readonly kind: string
  readonly at: number
  readonly a: number
  readonly b: number
  readonly ms: number
}

/** What the world is like before anything goes wrong. */
export type Options = {
  readonly topics: number
  readonly partitions: number
  readonly sourceBrokers: number
  readonly destinationBrokers: number
  readonly replicas: number
  /** Milliseconds between two acts of the applications at the source. */
  readonly paceMs: number
  /** Shares, 0 to 1, of what they write. */
  readonly transactions: number
  readonly aborts: number
  readonly compressed: number
  readonly appendTime: number
  readonly oldRecords: number
  readonly compaction: number
  readonly retention: number
  readonly groups: number
  readonly prefix: string
  /** Records that are there, and those that are gone, when the link starts. */
  readonly backlog: number
  readonly deletedBefore: number
  readonly chaosMs: number
}

/** Everything that a run depends on. */
export type Plan = { readonly seed: number; readonly options: Options; readonly faults: readonly FaultItem[] }

export function drawOptions(random: Random): Options {
  const share = (probability: number, most: number) => (random.chance(probability) ? random.unit() * most : 0)
  const destinationBrokers = random.pick([1, 1, 2, 3])
  return {
    topics: random.between(1, 2),
    partitions: random.between(1, 2),
    sourceBrokers: random.pick([1, 1, 2]),
    destinationBrokers,
    replicas: destinationBrokers === 1 ? 1 : random.pick([1, destinationBrokers]),
    paceMs: random.pick([40, 80, 160]),
    transactions: share(0.6, 0.7),
    aborts: share(0.8, 0.6),
    compressed: share(0.3, 0.3),
    appendTime: share(0.25, 1),
    oldRecords: share(0.5, 1),
    compaction: share(0.4, 0.15),
    retention: share(0.4, 0.1),
    groups: random.pick([0, 1, 2]),
    prefix: random.pick(['', 'copy.']),
    backlog: random.pick([0, 5, 30]),
    deletedBefore: random.pick([0, 0, 0.5]),
    chaosMs: random.pick([3_000, 6_000, 10_000]),
  }
}

const FAULTS_MAX = 8

/** A plan drawn from a seed: some kinds of faults are in it (swarm testing), each some times. */
export function drawPlan(seed: number, kinds: readonly string[]): Plan {
  const random = new Random(seed)
  const options = drawOptions(random.fork('options'))
  const draw = random.fork('faults')
  const share = draw.pick([0.1, 0.25, 0.5])
  const chosen = kinds.filter(() => draw.chance(share))
  const count = chosen.length === 0 ? 0 : draw.between(1, FAULTS_MAX)
  const faults = Array.from({ length: count }, () => ({
    kind: draw.pick(chosen),
    at: Math.round(draw.unit() * options.chaosMs),
    a: draw.unit(),
    b: draw.unit(),
    ms: draw.pick([5, 50, 300, 1_000, 3_000]),
  }))
  return { seed, options, faults: faults.sort((x, y) => x.at - y.at) }
}
