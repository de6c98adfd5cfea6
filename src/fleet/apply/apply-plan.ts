import { isRetriable } from '../../base/error.ts'
import type { ClusterConfig } from '../../client/config.ts'
import type { AppliedFleet } from '../file/applied.ts'
import type { LinkDeclaration, LoadedFleet } from '../file/fleet.ts'
import { appliedAfter } from '../plan/applied-after.ts'
import { makePlan } from '../plan/make-plan.ts'
import { entryOf, type ObservedFleet } from '../plan/observed.ts'
import type { Action, ActionName, Plan } from '../plan/plan.ts'
import { asItRuns } from '../plan/turned-links.ts'
import { forgetLink, forgetMirror, releaseMirror } from './link-state.ts'

/** What applying a plan needs from the one who applies it. */
export type ApplyContext = {
  readonly loaded: LoadedFleet
  readonly observe: () => Promise<ObservedFleet>
  /** How a cluster is reached now. @throws what hinders it */
  readonly access: (cluster: string) => Promise<ClusterConfig>
  /** Records what is to run and makes it run, as far as a supervisor is there. @throws what could not be started */
  readonly run: (applied: AppliedFleet) => Promise<void>
  /** Lets a plan pass or throws; asked again when clusters that were down show what stands on them. */
  readonly admit: (plan: Plan) => void
  readonly report: (step: ApplyStep) => void
}

export type ApplyStep = {
  readonly action: Action
  readonly state: 'begun' | 'done' | 'left'
  /** Why it was left undone. */
  readonly why?: string
}

const clusterActions: readonly ActionName[] = [
  'stop-cluster',
  'create-cluster',
  'change-cluster',
  'start-cluster',
]
const workerActions: readonly ActionName[] = [
  'delete-route',
  'create-link',
  'change-link',
  'start-link',
  'create-route',
  'change-route',
  'start-route',
]

/** Whether a plan needs a supervisor: for processes, not for what stands on clusters. */
export function needsSupervisor({ actions }: Plan): boolean {
  return actions.some(
    (action) =>
      workerActions.includes(action.action) ||
      (clusterActions.includes(action.action) && !(action.action === 'change-cluster' && !action.restart)),
  )
}

/**
 * Does what a plan says, in its order: links that end, clusters, links that begin. Every step looks at what is there
 * first, so a plan that was interrupted can be applied again. When clusters had to be started, what stands on them is
 * looked at before any link begins: a mirror that would write over data is refused here as in any plan. Gives the plan
 * as it was when the links began.
 */
export async function applyPlan(plan: Plan, observed: ObservedFleet, context: ApplyContext): Promise<Plan> {
  context.admit(plan)
  const left = await endLinks(plan, context)
  const startsClusters = plan.actions.some(({ action }) => clusterActions.includes(action))
  if (startsClusters) await runClusters(plan, observed, left, context)
  const now = startsClusters ? await context.observe() : observed
  const rest = startsClusters ? makePlan(context.loaded.fleet, now, { resume: plan.resume }) : plan
  context.admit(rest)
  // A link whose destination was down could not be forgotten before; now that it runs, it can.
  const leaving = startsClusters ? await endLinks(rest, context) : left
  await forgetStaleMirrors(rest, now, context)
  const beginning = rest.actions.filter(({ action }) => workerActions.includes(action))
  for (const action of beginning) context.report({ action, state: 'begun' })
  await context.run({ ...appliedAfter(context.loaded.fleet, now, Date.now()), leaving })
  for (const action of beginning) context.report({ action, state: 'done' })
  await releaseMirrors(rest, now, context)
  return rest
}

/** Gives the links that could not be forgotten, by name. */
async function endLinks(plan: Plan, context: ApplyContext): Promise<Record<string, LinkDeclaration>> {
  const left: Record<string, LinkDeclaration> = {}
  for (const action of plan.actions) {
    if (action.action !== 'delete-link') continue
    context.report({ action, state: 'begun' })
    try {
      await forgetLink(await context.access(action.declaration.to), action.link)
      context.report({ action, state: 'done' })
    } catch (error) {
      // The plan has warned of a destination that does not answer; the worker here is ended all the same.
      if (!isRetriable(error) && !isDown(error)) throw error
      context.report({ action, state: 'left', why: (error as Error).message })
      left[action.link] = action.declaration
    }
  }
  return left
}

function isDown(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'CLUSTER_NOT_RUNNING'
}

/** Clusters as the file declares them, and what works already: what begins comes after it was looked at. */
async function runClusters(
  plan: Plan,
  observed: ObservedFleet,
  leaving: Readonly<Record<string, LinkDeclaration>>,
  context: ApplyContext,
): Promise<void> {
  const actions = plan.actions.filter(({ action }) => clusterActions.includes(action))
  for (const action of actions) context.report({ action, state: 'begun' })
  const after = appliedAfter(context.loaded.fleet, observed, Date.now())
  const kept = Object.entries(observed.applied?.links ?? {}).filter(([name, link]) => {
    const declared = entryOf(after.links, name)
    const moved = declared?.from !== link.from || declared.to !== link.to
    return observed.workers.includes(name) && !moved
  })
  const routes = Object.entries(observed.applied?.routes ?? {}).filter(([name]) => {
    return Object.hasOwn(after.routes ?? {}, name) && (observed.gateways ?? []).includes(name)
  })
  const working = { links: Object.fromEntries(kept), routes: Object.fromEntries(routes) }
  await context.run({ ...after, ...working, leaving })
  for (const action of actions) context.report({ action, state: 'done' })
}

/** The memory of mirrors whose topics are gone: the worker would hold on to it instead of making them anew. */
async function forgetStaleMirrors(plan: Plan, observed: ObservedFleet, context: ApplyContext): Promise<void> {
  const { links } = asItRuns(context.loaded.fleet, observed)
  for (const action of plan.actions) {
    if (action.action !== 'create-mirror' || action.onto === 'earlier-mirror') continue
    const link = entryOf(links, action.link)
    if (link === null) continue
    const known = entryOf(entryOf(observed.clusters, link.to)?.links ?? null, link.name)
    if (known === null || !known.mirrors.some(({ topic }) => topic === action.topic)) continue
    await forgetMirror(await context.access(link.to), link.name, action.topic)
  }
}

/** After the workers: one that still took the topic would take hold of it again. */
async function releaseMirrors(plan: Plan, observed: ObservedFleet, context: ApplyContext): Promise<void> {
  const { links } = asItRuns(context.loaded.fleet, observed)
  for (const action of plan.actions) {
    const link = entryOf(links, action.action === 'release-mirror' ? action.link : '')
    if (action.action !== 'release-mirror' || link === null) continue
    context.report({ action, state: 'begun' })
    await releaseMirror(await context.access(link.to), link.name, action.topic)
    context.report({ action, state: 'done' })
  }
}
