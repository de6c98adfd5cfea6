import { faultKinds } from './faults/all.ts'
import type { Mutant } from './mutants/mutant.ts'
import { drawPlan } from './plan.ts'
import { type RunResult, runPlan } from './run.ts'

export type Seeds = { readonly from: number; readonly count: number }

/** Runs seed after seed until one finds something; gives that, or null. */
export async function hunt({ from, count }: Seeds, mutant?: Mutant): Promise<RunResult | null> {
  for (let seed = from; seed < from + count; seed++) {
    const result = await runPlan(
      drawPlan(seed, faultKinds),
      mutant === undefined ? {} : { mutation: mutant.mutation },
    )
    if (result.violation !== null) return result
  }
  return null
}
