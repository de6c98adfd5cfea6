import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { Cluster } from '../../client/cluster.ts'
import { openSide } from '../../link/turn/side.ts'
import { failoverError } from '../errors.ts'
import { openFenceBook } from '../fence/book.ts'
import { receiptOfRun } from '../receipt/of-run.ts'
import { saveReceipt } from '../receipt/store.ts'
import { RouteLog } from '../state/log.ts'
import type { FailoverRecord } from '../state/records.ts'
import { RouteStore } from '../state/store.ts'
import { type Course, canBeTakenBack } from './course.ts'
import { memoSchema } from './memo.ts'
import { addNotes, type Scene } from './scene.ts'
import { undo } from './steps/open.ts'

export type TakeBackOptions = {
  /** As it was seen last. */
  readonly run: FailoverRecord
  /** Both clusters of its route. */
  readonly clusters: readonly [Cluster, Cluster]
  readonly runner: FailoverRecord['runner']
  readonly log: Log
  readonly clock: Clock
}

/**
 * Ends a switchover that nobody goes on with where it began: the route is open on its source again, the link goes on.
 * The run is claimed first, so that whoever wakes in it changes nothing more. False where it has gone on meanwhile.
 * @throws what a cluster refuses; the run then stands as it stood
 */
export async function takeBack(options: TakeBackOptions): Promise<boolean> {
  const { run, clusters, runner, log, clock } = options
  const { course } = memoSchema.parse(run.memo ?? {})
  if (course === null) return false
  const logs = clusters.map((cluster) => new RouteLog(cluster))
  const store = new RouteStore(course.route, [course.from, course.to], logs)
  await store.refresh()
  const claimed = await store.claim(course.to, (held) => {
    if (held === null || held.at !== run.at || held.claim !== run.claim) throw wokeUp(course)
    return { ...held, runner, at: clock.now() }
  })
  if (!canBeTakenBack(claimed)) {
    // Nobody works on it now, and whoever is told to can go on with it from there.
    await store.note(course.to, { ...claimed, state: 'failed', at: clock.now() })
    return false
  }
  const sideOf = (name: string) => openSide(clusters.find((one) => one.name === name)!)
  const [source, target] = [await sideOf(course.from), await sideOf(course.to)]
  const memo = memoSchema.parse(claimed.memo ?? {})
  const scene: Scene = {
    ...{ course, store, source, target, clock, log, memo, probe: null, watch: null, heard: new Map() },
    configs: { source: source.cluster.config, target: target.cluster.config },
    book: await openFenceBook(course.route, clusters),
    by: { user: runner.user, host: runner.host },
    catchUpMs: 0,
    signal: new AbortController().signal,
    beat: async () => await store.note(course.to, { ...claimed, at: clock.now() }),
  }
  await undo(scene)
  addNotes(scene, 'nobody went on with it, so a gateway put the route back')
  const undone = { ...claimed, memo: scene.memo, state: 'undone', at: clock.now() } as const
  await store.note(course.to, undone)
  await saveReceipt(receiptOfRun(undone, course), clusters)
  return true
}

function wokeUp({ route }: Course): Error {
  return failoverError('FAILOVER_RUNNING', `somebody goes on with the failover of route ${route}`)
}
