import { Random } from '../engine/random.ts'
import { faultKinds } from '../faults/all.ts'
import { drawOptions, drawPlan, type FaultItem, type Options, type Plan } from '../plan.ts'

/** A hazard with a name. Of `seed` it is that very run; else the faults given, in worlds of any seed. */
export type Scenario = {
  readonly name: string
  readonly what: string
} & (
  | { readonly seed: number }
  | { readonly options: Partial<Options>; readonly faults: readonly FaultItem[] }
)

export function planOf(scenario: Scenario, seed: number): Plan {
  if ('seed' in scenario) return drawPlan(scenario.seed, faultKinds)
  const options = { ...drawOptions(new Random(seed).fork('options')), chaosMs: 8_000, ...scenario.options }
  return { seed, options, faults: scenario.faults }
}

/** A fault at a time; `a` and `b` choose what it hits and how. */
export function at(ms: number, kind: string, { a = 0.5, b = 0.5, forMs = 300 } = {}): FaultItem {
  return { kind, at: ms, a, b, ms: forMs }
}
