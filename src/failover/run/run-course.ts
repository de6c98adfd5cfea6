import { KmcError } from '../../base/error.ts'
import { silentLog } from '../../base/log.ts'
import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { unwrap } from '../../client/outcome.ts'
import type { FailoverPlan } from '../plan/plan.ts'
import type { PlanTarget } from '../plan/read/facts.ts'
import { receiptOfRun } from '../receipt/of-run.ts'
import { saveReceipt } from '../receipt/store.ts'
import { RouteLog } from '../state/log.ts'
import type { FailoverRecord } from '../state/records.ts'
import { latestRun } from '../state/store.ts'
import type { Course } from './course.ts'
import { memoSchema } from './memo.ts'
import type { RunEvent } from './runner.ts'
import { type MoveOptions, moveRoute } from './start.ts'

/** A cluster that is gone costs no more than the plan, which is made meanwhile. */
const ASKING_MS = 4_000

/** What a plan lets run. */
export function courseOf(
  { id, route, kind, from, to, link, overridden }: FailoverPlan,
  target: PlanTarget,
): Course {
  const groups = target.linkBetween(from, to)?.groups ?? []
  const skips = overridden.flatMap(({ code, subjects }) => (code === 'MIRRORS_STOPPED' ? subjects : []))
  return { route, kind, from, to, link: link!, groups, skips, plan: id }
}

/** The latest run of the route that its clusters know of, done or not; null where there is none. */
export async function latestRunOf({ route, access }: PlanTarget): Promise<FailoverRecord | null> {
  const found = await Promise.all(
    [route.primary, route.standby].map(async (name) => {
      const config = access.get(name)
      return config?.ok ? await lastRunAt(config.value, route.name) : null
    }),
  )
  return latestRun(found)
}

/** A run of the route that did not come to its end, for whoever goes on with it; null where there is none. */
export async function unfinishedRun(target: PlanTarget): Promise<Course | null> {
  const last = await latestRunOf(target)
  if (last === null || last.state === 'done' || last.state === 'undone') return null
  return memoSchema.parse(last.memo ?? {}).course
}

/**
 * How an unfinished run is gone on with now: as the failover that a switchover becomes when the cluster that it leaves
 * is gone.
 */
export async function courseFromHere(begun: Course, target: PlanTarget): Promise<Course> {
  const isLost = begun.kind === 'switchover' && !(await answers(target, begun.from))
  return isLost ? { ...begun, kind: 'failover' } : begun
}

/** Whether a cluster of the route can be reached now. */
async function answers({ access }: PlanTarget, name: string): Promise<boolean> {
  const config = access.get(name)
  if (!config?.ok) return false
  try {
    await using _cluster = await Cluster.connect(config.value, { timeoutMs: ASKING_MS })
    return true
  } catch (error) {
    if (error instanceof KmcError) return false
    throw error
  }
}

/** A cluster that does not answer has nothing to tell. */
async function lastRunAt(config: ClusterConfig, route: string): Promise<FailoverRecord | null> {
  try {
    await using cluster = await Cluster.connect(
      { ...config, requestTimeoutMs: ASKING_MS },
      { timeoutMs: ASKING_MS },
    )
    const log = new RouteLog(cluster)
    await log.refresh()
    return log.view.failover(route)
  } catch (error) {
    if (error instanceof KmcError) return null
    throw error
  }
}

/** How a client of kmc's own enters a route; `why` tells where it cannot. */
export type RouteEntry = { readonly ways: readonly ClusterConfig[] | null; readonly why: string | null }

export type CourseTarget = Pick<PlanTarget, 'access'> & { readonly front: () => Promise<RouteEntry> }

export type CourseOptions = Pick<MoveOptions, 'by' | 'catchUpMs'> & {
  /** When the route was to be moved, by `nowMs`: a client may have waited since. */
  readonly askedAt: number
  readonly signal: AbortSignal
  readonly onEvent: (event: RunEvent) => void
  /** What whoever asked has to know besides the steps. */
  readonly onNote: (text: string) => void
}

/** Runs a course to its end, telling each step, and keeps its receipt. @throws as `moveRoute` */
export async function runCourse(
  course: Course,
  { access, front: enter }: CourseTarget,
  { onEvent, onNote, ...choice }: CourseOptions,
): Promise<FailoverRecord> {
  const configs = { from: accessOf(access, course.from), to: unwrap(access.get(course.to)!) }
  let isHalfway = false
  const heard = (event: RunEvent) => {
    if (event.kind === 'begins') isHalfway = true
    if (event.kind === 'undone') isHalfway = false
    onEvent(event)
  }
  const { ways: front, why } = await enter()
  if (why !== null) onNote(`no client of kmc enters the route to measure: ${why}`)
  const keepReceipt = (run: FailoverRecord) => keepReceiptOf(run, course, configs)
  const options = {
    ...choice,
    ...{ course, configs, front, log: silentLog, keepReceipt },
    onEvent: heard,
  }
  try {
    return await moveRoute(options)
  } catch (error) {
    if (isHalfway && !isOthers(error)) onNote(halfwayText(course))
    throw error
  }
}

async function keepReceiptOf(
  run: FailoverRecord,
  course: Course,
  { from, to }: { readonly from: ClusterConfig; readonly to: ClusterConfig },
): Promise<string> {
  const kept = course.kind === 'switchover' ? [from, to] : [to]
  const saving = kept.map(async (config) => {
    await using cluster = await Cluster.connect(config)
    await saveReceipt(receiptOfRun(run, course), [cluster])
  })
  // One that cannot be reached must not keep it from the other.
  const refused = (await Promise.allSettled(saving)).find(({ status }) => status === 'rejected')
  if (refused?.status === 'rejected') throw refused.reason
  return `kmc receipts ${run.id.slice(0, 8)}`
}

/** Somebody else has the run, or has put the route elsewhere: nobody has to go on with it here. */
function isOthers(error: unknown): boolean {
  return error instanceof KmcError && ['FAILOVER_TAKEN_OVER', 'ROUTE_MOVED_ON'].includes(error.code)
}

function halfwayText({ route, kind, from }: Course): string {
  const without = kind === 'switchover' ? `, as a failover where ${from} stays away` : ''
  return `it stopped halfway, and clients may wait: \`kmc failover ${route}\` goes on with it${without}`
}

/** A failover does not ask the cluster that it leaves, so it needs no way there. */
function accessOf(access: PlanTarget['access'], name: string): ClusterConfig {
  const config = access.get(name)
  return config?.ok ? config.value : { name, bootstrap: [] }
}
