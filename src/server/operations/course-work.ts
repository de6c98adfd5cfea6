import { systemClock } from '../../base/clock.ts'
import { type Course, courses } from '../../failover/run/course.ts'
import { memoSchema } from '../../failover/run/memo.ts'
import { type CourseTarget, runCourse } from '../../failover/run/run-course.ts'
import type { RunEvent } from '../../failover/run/runner.ts'
import type { Caller } from '../door/caller.ts'
import type { Change } from '../http/route.ts'
import { personOf } from './mirror-work.ts'
import type { OperationStep } from './operation.ts'
import type { OperationWork, Telling } from './operations.ts'

type CourseWork = Pick<OperationWork, 'action'> & {
  readonly route: string
  readonly caller: Caller
  /** When it was asked for, by `nowMs`. */
  readonly askedAt: number
  /** What is run, once nothing stands in its way any more. */
  readonly prepare: (tell: Telling, signal: AbortSignal) => Promise<{ course: Course; target: CourseTarget }>
  readonly note: (change: Change) => void
}

/** The id of the run, which is that of its receipt too. */
export type CourseResult = { readonly run: string; readonly equal: boolean | null }

/** Moves a route to the end of its course, as `kmc failover` does; how far it is stands on the cluster it goes to. */
export function courseWork({ action, route, caller, askedAt, prepare, note }: CourseWork): OperationWork {
  return {
    ...{ action, about: { kind: 'route', name: route }, by: caller.name },
    async run(tell, signal): Promise<CourseResult> {
      const { course, target } = await prepare(tell, signal)
      const steps = new CourseSteps(course.kind)
      tell.steps(steps.list)
      const run = await runCourse(course, target, {
        ...{ askedAt, by: personOf(caller), signal, onNote: tell.note },
        onEvent(event) {
          steps.hear(event)
          tell.steps(steps.list)
          if (event.kind === 'undone') tell.note('the route is back where it was, and the link goes on')
        },
      })
      const { verified } = memoSchema.parse(run.memo ?? {})
      if (verified?.equal === false) tell.note(verified.text)
      const result = { run: run.id, equal: verified?.equal ?? null }
      note({ after: { active: course.to, ...result } })
      return result
    },
  }
}

/** The steps of a course as its events tell of them. */
export class CourseSteps {
  readonly #steps: Map<string, OperationStep>

  constructor(kind: Course['kind']) {
    const waiting = { state: 'waiting', note: null, startedAt: null, endedAt: null } as const
    this.#steps = new Map(courses[kind].map((name) => [name, { name, ...waiting }]))
  }

  get list(): OperationStep[] {
    return [...this.#steps.values()]
  }

  hear(event: RunEvent, at = systemClock.now()): void {
    if (event.kind !== 'undone') this.#change(event.step, changeOf(event, at))
  }

  #change(name: string, change: Partial<OperationStep>): void {
    this.#steps.set(name, { ...this.#steps.get(name)!, ...change })
  }
}

function changeOf(event: Exclude<RunEvent, { kind: 'undone' }>, at: number): Partial<OperationStep> {
  switch (event.kind) {
    case 'begins':
      return { state: 'running', startedAt: at }
    case 'goes on':
      return { state: 'running', note: event.note }
    case 'ends':
      return { state: 'done', note: event.note, startedAt: at - event.ms, endedAt: at }
    case 'fails':
      return { state: 'failed', endedAt: at }
  }
}
