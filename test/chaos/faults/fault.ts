import type { Random } from '../../kit/fuzz/random.ts'
import type { SideName, World } from '../world/world.ts'

/** What was killed with -9. */
export type Victim = 'worker' | 'kmc' | 'source broker' | 'destination broker'
export const victims: readonly Victim[] = ['worker', 'kmc', 'source broker', 'destination broker']

/** Something bad that can be done. All chance is in `draw`, so that a seed gives the same schedule again. */
export type Fault = {
  readonly name: string
  readonly draw: (random: Random) => Drawn
}

/** A fault with all its choices made. `run` does it, heals what it broke, and says what it killed. */
export type Drawn = {
  /** The choices in words. */
  readonly label: string
  readonly run: (world: World, told: Told) => Promise<void>
}

/** What a fault tells of itself. */
export type Told = {
  readonly killed: (victim: Victim) => void
  /** Something that a reader of the report wants to know. */
  readonly noted: (text: string) => void
}

export const BROKERS_PER_SIDE = 3
/** For brokers to come back: where six of them share two cores with other work, one may take minutes. */
export const BACK_MS = 600_000
/** `kmc up` and `kmc serve` share the link. */
export const KMCS = 2

/** A side and one of its brokers. */
export function drawBroker(random: Random, side: SideName): { side: SideName; broker: number; name: string } {
  const broker = 1 + random.below(BROKERS_PER_SIDE)
  return { side, broker, name: `${side} broker ${broker}` }
}

/** Milliseconds from `from` to `to`. */
export function drawMs(random: Random, from: number, to: number): number {
  return from + random.below(to - from)
}
