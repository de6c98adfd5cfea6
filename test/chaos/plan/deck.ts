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

/** What happens side by side: to kmc and its worker, to brokers, to the network. */
export const lanes = ['link', 'brokers', 'network'] as const
export type Lane = (typeof lanes)[number]
export type Round = Readonly<Record<Lane, readonly Step[]>>

const times = (count: number, fault: Fault) => Array.from({ length: count }, () => fault)

/** Every round has 25 kills. */
const link: readonly Fault[] = [...times(3, killKmc), ...times(10, killWorker), ...times(2, pauseWorker)]
const brokers: readonly Fault[] = [
  ...times(3, killBroker('source')),
  ...times(6, killBroker('destination')),
  killTogether,
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
const smoke: Readonly<Record<Lane, readonly Fault[]>> = {
  link: [killWorker, pauseWorker, killKmc],
  brokers: [killBroker('destination')],
  network: [cut, oneWay, resetInMidFrame],
}

const PAUSE_MS_MAX = 1_500

/** The `number`th round of a seed; the same again for the same seed. */
export function roundOf(seed: number, number: number): Round {
  const random = new Random((Math.imul(seed, 1_000_003) + number) | 0)
  return {
    link: drawAll(random, spread(random, link)),
    brokers: drawAll(random, shuffled(random, [...brokers, ...inTurns[number % inTurns.length]!])),
    network: drawAll(random, shuffled(random, [...network, ...network])),
  }
}

/** A round of half a minute. */
export function smokeRound(seed: number): Round {
  const random = new Random(seed)
  return {
    link: drawAll(random, shuffled(random, smoke.link)),
    brokers: drawAll(random, smoke.brokers),
    network: drawAll(random, shuffled(random, smoke.network)),
  }
}

/** Shuffled, with the deaths of kmc spread evenly: one kmc waits longer with every quick death of its worker. */
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
