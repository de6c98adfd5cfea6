import type { Plan } from './plan.ts'
import { type RunOptions, runPlan } from './run.ts'

/**
 * The smallest part of a plan's faults that still breaks the same invariant: each is left out in turn, for as long as
 * one can be. A fault draws nothing that others draw from, so those that stay happen as before.
 */
export async function shrink(plan: Plan, invariant: string, options: RunOptions = {}): Promise<Plan> {
  const breaks = async (candidate: Plan) =>
    (await runPlan(candidate, options)).violation?.invariant === invariant
  let smallest = plan
  for (let index = 0; index < smallest.faults.length; ) {
    const candidate = { ...smallest, faults: smallest.faults.filter((_, other) => other !== index) }
    if (await breaks(candidate)) {
      smallest = candidate
      index = 0
    } else index++
  }
  const calmer = { ...smallest, options: { ...smallest.options, groups: 0, compaction: 0, retention: 0 } }
  return (await breaks(calmer)) ? calmer : smallest
}
