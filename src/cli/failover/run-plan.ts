import { KmcError } from '../../base/error.ts'
import { silentLog } from '../../base/log.ts'
import { Cluster } from '../../client/cluster.ts'
import type { ClusterConfig } from '../../client/config.ts'
import { unwrap } from '../../client/outcome.ts'
import type { FailoverPlan } from '../../failover/plan/plan.ts'
import type { PlanTarget } from '../../failover/plan/read/facts.ts'
import { receiptOfRun } from '../../failover/receipt/of-run.ts'
import { saveReceipt } from '../../failover/receipt/store.ts'
import type { Course } from '../../failover/run/course.ts'
import { memoSchema } from '../../failover/run/memo.ts'
import type { RunEvent } from '../../failover/run/runner.ts'
import { moveRoute } from '../../failover/run/start.ts'
import { RouteLog } from '../../failover/state/log.ts'
import type { FailoverRecord } from '../../failover/state/records.ts'
import { latestRun } from '../../failover/state/store.ts'
import type { CommandContext } from '../command.ts'
import type { Output } from '../output.ts'
import { formatDuration } from '../terminal/units.ts'
import type { FailoverTarget } from './target.ts'

/** A cluster that is gone costs no more than the plan, which is made meanwhile. */
const ASKING_MS = 4_000

/** What a plan lets run. */
export function courseOf({ id, route, kind, from, to, link }: FailoverPlan, target: PlanTarget): Course {
  const groups = target.linkBetween(from, to)?.groups ?? []
  return { route, kind, from, to, link: link!, groups, plan: id }
}

/** A run of the route that did not come to its end, for whoever goes on with it; null where there is none. */
export async function unfinishedRun({ route, access }: PlanTarget): Promise<Course | null> {
  const found = await Promise.all(
    [route.primary, route.standby].map(async (name) => {
      const config = access.get(name)
      return config?.ok ? await lastRunAt(config.value, route.name) : null
    }),
  )
  const last = latestRun(found)
  if (last === null || last.state === 'done' || last.state === 'undone') return null
  return memoSchema.parse(last.memo ?? {}).course
}

/** Whether a cluster of the route can be reached now. */
export async function answers({ access }: PlanTarget, name: string): Promise<boolean> {
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

/** `askedAt`: when the command began (`nowMs`). */
export type RunChoice = { readonly askedAt: number; readonly catchUpMs: number }

/** Runs a course to its end, telling each step, and keeps its receipt. */
export async function runCourse(
  { out, signal }: CommandContext,
  course: Course,
  { access, front: enter }: FailoverTarget,
  choice: RunChoice,
): Promise<FailoverRecord> {
  const configs = { from: accessOf(access, course.from), to: unwrap(access.get(course.to)!) }
  const keepReceipt = async (run: FailoverRecord) => {
    const kept = course.kind === 'switchover' ? [configs.from, configs.to] : [configs.to]
    const saving = kept.map(async (config) => {
      await using cluster = await Cluster.connect(config)
      await saveReceipt(receiptOfRun(run, course), [cluster])
    })
    // One that cannot be reached must not keep it from the other.
    const refused = (await Promise.allSettled(saving)).find(({ status }) => status === 'rejected')
    if (refused?.status === 'rejected') throw refused.reason
    return `kmc receipts ${run.id.slice(0, 8)}`
  }
  let isHalfway = false
  const onEvent = (event: RunEvent) => {
    if (event.kind === 'begins') isHalfway = true
    if (event.kind === 'undone') isHalfway = false
    tell(event, out)
  }
  const { ways: front, why } = await enter()
  if (why !== null) out.note(`no client of kmc enters the route to measure: ${why}`)
  const options = { ...choice, course, configs, front, signal, log: silentLog, onEvent, keepReceipt }
  try {
    return await moveRoute(options)
  } catch (error) {
    if (isHalfway && !isOthers(error)) out.note(halfwayText(course))
    throw error
  }
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

function tell(event: RunEvent, out: Output): void {
  switch (event.kind) {
    case 'ends':
      out.note(`✓ ${event.step}: ${event.note} (${formatDuration(event.ms)})`)
      break
    case 'goes on':
      out.note(`… ${event.step}: ${event.note}`)
      break
    case 'fails':
      out.note(`✗ ${event.step} failed`)
      break
    case 'undone':
      out.note('the route is back where it was, and the link goes on')
  }
}
