import type { Clock } from '../../base/clock.ts'
import type { Log } from '../../base/log.ts'
import type { ClusterConfig } from '../../client/config.ts'
import type { Side } from '../../link/turn/side.ts'
import type { FenceBook } from '../fence/book.ts'
import type { DirectWriterWatch } from '../fence/direct-writers.ts'
import type { RouteRecord } from '../state/records.ts'
import type { RouteStore } from '../state/store.ts'
import type { Course } from './course.ts'
import type { Heard } from './gateways.ts'
import type { Memo } from './memo.ts'
import type { Probe } from './probe.ts'

/** Everything that the steps of a run work with. */
export type Scene = {
  readonly course: Course
  readonly store: RouteStore
  /** The cluster that the route leaves; null in a failover, where it is gone. */
  readonly source: Side | null
  readonly target: Side
  /** How both are reached, by what connects anew. */
  readonly configs: { readonly source: ClusterConfig; readonly target: ClusterConfig }
  /** Where it is noted what clients are denied by ACL. */
  readonly book: FenceBook
  /** Writes through the route since before the run; null where it is not let in. */
  readonly probe: Probe | null
  /** How long a switchover lets its link come near before it holds writers; 0: it does not. */
  readonly catchUpMs: number
  readonly by: { readonly user: string; readonly host: string }
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly log: Log
  /** When each gateway was heard last: one that is gone is waited for once, and not in each phase. */
  readonly heard: Heard
  /** Who writes past the route, from the fence on. */
  watch: DirectWriterWatch | null
  /** What the run has found out so far; a step changes it, and it is kept with the run. */
  memo: Memo
  /** Tells that the run is going on, in the words of the step. @throws FAILOVER_TAKEN_OVER */
  readonly beat: (note: string) => Promise<void>
}

/** What a step came to, in a few words for people. */
export type StepNote = string

export type Step = (scene: Scene) => Promise<StepNote>

/** Tells the receipt something, in sentences; a step that is repeated says it once. */
export function addNotes(scene: Scene, ...texts: readonly string[]): void {
  scene.memo = { ...scene.memo, notes: [...new Set([...scene.memo.notes, ...texts])] }
}

/** The route as it stands. @throws when it was never written */
export function routeOf({ store, course }: Scene): RouteRecord {
  const record = store.route()
  if (record === null) throw new Error(`route ${course.route} has no record`)
  return record
}

/** The source of a switchover. */
export function sourceOf({ source, course }: Scene): Side {
  if (source === null) throw new Error(`${course.from} is needed and was not connected to`)
  return source
}
