import { Random } from '../../kit/fuzz/random.ts'
import { bandwidth } from '../faults/bandwidth.ts'
import { cut } from '../faults/cut.ts'
import { delay } from '../faults/delay.ts'
import type { Drawn, Fault } from '../faults/fault.ts'
import { fullDisk } from '../faults/full-disk.ts'
import { halfOpen } from '../faults/half-open.ts'
import { killBroker } from '../faults/kill-broker.ts'
import { killKmc } from '../faults/kill-kmc.ts'
import { killTogether } from '../faults/kill-together.ts'
import { killWorker } from '../faults/kill-worker.ts'
import { oneWay } from '../faults/one-way.ts'
import { pauseBroker } from '../faults/pause-broker.ts'
import { pauseWorker } from '../faults/pause-worker.ts'
import { resetInMidFrame } from '../faults/reset-in-mid-frame.ts'
import { rollingRestart } from '../faults/rolling-restart.ts'
import { slowClose } from '../faults/slow-close.ts'

export type Step = Drawn & { readonly fault: string; readonly pauseMs: number }

/** Two lanes that run side by side: what happens to processes, and what happens to the network. */
export type Round = { readonly processes: readonly Step[]; readonly network: readonly Step[] }

const worker = [killWorker]
const times = (count: number, faults: readonly Fault[]) => Array.from({ length: count }, () => faults).flat()

/** What every round has, 25 kills: each kmc brings several workers, as one kmc waits longer with every quick death. */
const everyRound: readonly Fault[] = [
  ...times(3, [killKmc]),
  ...times(10, worker),
  ...times(3, [killBroker('source')]),
  ...times(6, [killBroker('destination')]),
  killTogether,
  ...times(2, [pauseWorker]),
  pauseBroker('source'),
  pauseBroker('destination'),
]
const network: readonly Fault[] = [cut, oneWay, delay, bandwidth, resetInMidFrame, slowClose, halfOpen]
/** What takes long comes in turns. */
const inTurns: readonly (readonly Fault[])[] = [
  [rollingRestart('destination')],
  [fullDisk],
  [rollingRestart('source')],
  [],
]
/** One of each kind that takes no time, for every run of the tests. */
const smoke: readonly Fault[] = [killWorker, killBroker('destination'), pauseWorker, killKmc]
const smokeNetwork: readonly Fault[] = [cut, oneWay, resetInMidFrame]

const PAUSE_MS_MAX = 1_500

/** The `number`th round of a seed; the same again for the same seed. */
export function roundOf(seed: number, number: number): Round {
  const random = new Random((Math.imul(seed, 1_000_003) + number) | 0)
  const processes = spread(random, [...everyRound, ...inTurns[number % inTurns.length]!])
  return {
    processes: drawAll(random, processes),
    network: drawAll(random, shuffled(random, [...network, ...network])),
  }
}

/** A round of half a minute. */
export function smokeRound(seed: number): Round {
  const random = new Random(seed)
  return {
    processes: drawAll(random, shuffled(random, smoke)),
    network: drawAll(random, shuffled(random, smokeNetwork)),
  }
}

/** Shuffled, with the deaths of kmc spread evenly. */
function spread(random: Random, faults: readonly Fault[]): Fault[] {
  const others = shuffled(
    random,
    faults.filter((fault) => fault !== killKmc),
  )
  const supervisors = faults.length - others.length
  const every = Math.ceil(others.length / supervisors)
  return others.flatMap((fault, at) =>
    at % every === every - 1 || at === others.length - 1 ? [fault, killKmc] : [fault],
  )
}

/** Fisher and Yates. */
function shuffled<T>(random: Random, list: readonly T[]): T[] {
  const shuffled = [...list]
  for (let at = shuffled.length - 1; at > 0; at--) {
    const other = random.below(at + 1)
    const one = shuffled[at]!
    shuffled[at] = shuffled[other]!
    shuffled[other] = one
  }
  return shuffled
}

function drawAll(random: Random, faults: readonly Fault[]): Step[] {
  return faults.map((fault) => ({
    fault: fault.name,
    ...fault.draw(random),
    pauseMs: random.below(PAUSE_MS_MAX),
  }))
}
