import { readApplied, writeApplied } from '../file/applied.ts'
import type { ClusterDeclaration, LoadedFleet } from '../file/fleet.ts'
import { makePlan } from '../plan/make-plan.ts'
import { entryOf } from '../plan/observed.ts'
import type { ActionName, Plan } from '../plan/plan.ts'
import { requireNotRefused } from '../plan/saved-plan.ts'
import { clusterConfig } from '../run/resolve-clusters.ts'
import type { Supervisor } from '../run/supervisor.ts'
import { type ApplyStep, applyPlan } from './apply-plan.ts'
import { observeFleet } from './observe.ts'

export type BringUpOptions = {
  readonly loaded: LoadedFleet
  readonly supervisor: Supervisor
  readonly report: (step: ApplyStep) => void
  readonly signal: AbortSignal
  readonly resume: readonly string[]
}

/**
 * `kmc up` without its looks: plans, applies the plan and leaves everything running. Gives the plan that was applied.
 * @throws PLAN_REFUSED, and what hindered the first managed cluster that could not be started
 */
export async function bringUp(options: BringUpOptions): Promise<Plan> {
  const { loaded, supervisor, signal, resume } = options
  const observe = () => observeFleet(loaded, supervisor.status(), signal)
  const observed = await observe()
  const plan = makePlan(loaded.fleet, observed, { resume })
  const applied = await applyPlan(plan, observed, {
    loaded,
    observe,
    access: (name) => accessTo(loaded, name),
    admit: admitStart,
    report: options.report,
    run: async (applied) => {
      signal.throwIfAborted()
      await writeApplied(loaded.directory, applied)
      const { failed } = await supervisor.reconcile(applied)
      const [first] = failed
      if (first !== undefined) throw first.error
    },
  })
  supervisor.started()
  return applied
}

const startActions: readonly ActionName[] = ['start-cluster', 'start-link']

/**
 * A refusal hinders changes. It does not hinder that what was applied before is started again: the link it concerns
 * comes up with a fault that says the same, and all others work.
 */
export function admitStart(plan: Plan): void {
  if (plan.actions.every(({ action }) => startActions.includes(action))) return
  requireNotRefused(plan)
}

/** How a cluster of the file, or one that was applied and left the file, is reached. */
export async function accessTo(loaded: LoadedFleet, name: string) {
  const declared: ClusterDeclaration | null =
    entryOf(loaded.fleet.clusters, name) ??
    entryOf((await readApplied(loaded.directory))?.clusters ?? null, name)?.declaration ??
    null
  if (declared === null) throw new Error(`no cluster ${name} in the file or applied`)
  return await clusterConfig(declared, loaded.directory)
}
