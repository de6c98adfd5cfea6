import { messageOf } from '../../base/error.ts'
import type { FailoverRecord } from '../state/records.ts'
import { boundedMemo } from './bounded-memo.ts'
import { refuseBusy } from './busy.ts'
import { canUndo, courses, type StepName } from './course.ts'
import { emptyMemo, memoSchema } from './memo.ts'
import { refuseMoved } from './phase.ts'
import type { Scene, Step } from './scene.ts'
import { approach } from './steps/approach.ts'
import { admit, deny } from './steps/deny.ts'
import { drain } from './steps/drain.ts'
import { fenceLink } from './steps/end-writer.ts'
import { fence, freeze, handOver, park, warm, yieldGroups } from './steps/gates.ts'
import { loss } from './steps/loss.ts'
import { promote, release, rest, reverse } from './steps/mirrors.ts'
import { open, undo } from './steps/open.ts'
import { clampPositions, positions } from './steps/positions.ts'
import { probe } from './steps/probe.ts'
import { verify } from './steps/verify.ts'

export type RunEvent =
  | { readonly kind: 'begins'; readonly step: StepName }
  | { readonly kind: 'goes on'; readonly step: StepName; readonly note: string }
  | { readonly kind: 'ends'; readonly step: StepName; readonly note: string; readonly ms: number }
  | { readonly kind: 'fails'; readonly step: StepName; readonly error: unknown }
  | { readonly kind: 'undone' }

/** Well below `ABANDONED_MS`. */
const ALIVE_EVERY_MS = 2_000

export type RunOptions = {
  /** Everything of the scene but what the run itself keeps. */
  readonly scene: Omit<Scene, 'memo' | 'beat' | 'watch' | 'heard'>
  readonly runner: FailoverRecord['runner']
  /** Of the run: the same when somebody goes on with it. */
  readonly id: string
  /** How long a run that nobody seems to work on is left alone. */
  readonly abandonedMs: number
  readonly onEvent: (event: RunEvent) => void
  /** Whether the source of a switchover can be reached; without it there is nothing to go back to. */
  readonly isSourceThere: () => Promise<boolean>
  /** Keeps the receipt of a run that has come to its end, or to a stop. */
  readonly keepReceipt: (run: FailoverRecord) => Promise<string>
}

/**
 * Moves a route, step by step. How far it is stands on the cluster that it goes to, before and after every step, so
 * that the same command goes on where a process was ended; each step looks at what is there first. Of two that run it
 * the one with the later claim goes on, and the other ends before its next step.
 */
export class Runner {
  readonly #options: RunOptions
  readonly #scene: Scene
  #record: FailoverRecord | null = null
  #noted: Promise<void> = Promise.resolve()

  constructor(options: RunOptions) {
    this.#options = options
    this.#scene = {
      ...options.scene,
      watch: null,
      heard: new Map(),
      memo: emptyMemo,
      beat: (note) => this.#beat(note),
    }
  }

  /** @throws what a step failed with: the route is back where it was, or the run goes on when it is repeated */
  async run(): Promise<FailoverRecord> {
    const { course, store } = this.#scene
    const names: readonly StepName[] = courses[course.kind]
    await store.refresh()
    this.#record = await store.claim(course.to, (held) => this.#take(held, names[0]!))
    this.#scene.memo = memoSchema.parse(this.#record.memo ?? {})
    const from = Math.max(0, names.indexOf(this.#record.step as StepName))
    for (const name of names.slice(from)) await this.#step(name)
    await this.#note({ state: 'done' })
    return this.#record
  }

  /** A run that stands there is gone on with, if it is this one, and never cut off while somebody works on it. */
  #take(held: FailoverRecord | null, first: StepName): Omit<FailoverRecord, 'claim'> {
    const { course, clock } = this.#scene
    const { runner, abandonedMs } = this.#options
    refuseBusy(held, clock.now(), abandonedMs)
    const isOurs = held !== null && held.plan === course.plan && held.state !== 'undone'
    if (isOurs) return { ...this.#goOn(held, first), state: 'running', runner, at: clock.now() }
    refuseMoved(this.#scene)
    return this.#fresh(first)
  }

  /** A switchover whose source went away meanwhile goes on as a failover, with all that this has to do first. */
  #goOn(held: FailoverRecord, first: StepName): FailoverRecord {
    const { course, store } = this.#scene
    const { kind } = course
    if (held.kind === kind) return held
    const isOver = store.route()?.active === course.to
    const memo = { ...memoSchema.parse(held.memo ?? {}), course }
    return { ...held, kind, step: isOver ? 'probe' : first, memo }
  }

  #fresh(step: StepName): Omit<FailoverRecord, 'claim'> {
    const { course, clock } = this.#scene
    const { id, runner } = this.#options
    const { route, kind, plan } = course
    const memo = { ...emptyMemo, course }
    return { route, id, kind, plan, step, steps: [], runner, state: 'running', memo, at: clock.now() }
  }

  async #step(name: StepName): Promise<void> {
    const { clock } = this.#scene
    const { onEvent } = this.#options
    const startedAt = clock.now()
    onEvent({ kind: 'begins', step: name })
    await this.#note({ step: name, steps: this.#stepsWith(name, { startedAt, endedAt: null, note: null }) })
    try {
      const note =
        name === 'receipt'
          ? await this.#options.keepReceipt(this.#record!)
          : await this.#alive(does[name](this.#scene))
      const endedAt = clock.now()
      await this.#note({ steps: this.#stepsWith(name, { startedAt, endedAt, note }) })
      onEvent({ kind: 'ends', step: name, note, ms: endedAt - startedAt })
    } catch (error) {
      onEvent({ kind: 'fails', step: name, error })
      await this.#fail(name, error)
      throw error
    }
  }

  async #fail(name: StepName, error: unknown): Promise<void> {
    const { course, log } = this.#scene
    if ((error as { code?: unknown }).code === 'FAILOVER_TAKEN_OVER') return
    log.warn({ route: course.route, step: name, why: messageOf(error) }, 'a step of a failover failed')
    this.#noteFailure(name, error)
    if (!canUndo(course.kind, name) || !(await this.#options.isSourceThere())) {
      await this.#note({ state: 'failed' })
      return await this.#keepPartial()
    }
    // Somebody who goes on with it may have let the mirrors go meanwhile.
    await this.#note({})
    // The stop that was asked for must not stop its own undoing.
    await this.#alive(undo({ ...this.#scene, signal: new AbortController().signal }))
    await this.#note({ state: 'undone' })
    this.#options.onEvent({ kind: 'undone' })
    await this.#keepPartial()
  }

  #noteFailure(name: StepName, error: unknown): void {
    const began = this.#record!.steps.find((step) => step.name === name)
    const times = { startedAt: began?.startedAt ?? this.#scene.clock.now(), endedAt: null }
    this.#record = { ...this.#record!, steps: this.#stepsWith(name, { ...times, note: messageOf(error) }) }
  }

  /** What became of a run that failed is worth keeping, and nothing worth failing once more. */
  async #keepPartial(): Promise<void> {
    const { course, log } = this.#scene
    try {
      await this.#options.keepReceipt(this.#record!)
    } catch (error) {
      log.warn({ route: course.route, why: messageOf(error) }, 'the receipt could not be kept')
    }
  }

  #stepsWith(name: StepName, times: Omit<FailoverRecord['steps'][number], 'name'>): FailoverRecord['steps'] {
    const others = this.#record!.steps.filter((step) => step.name !== name)
    return [...others, { name, ...times }]
  }

  async #beat(note: string): Promise<void> {
    const step = this.#record!.step as StepName
    this.#options.onEvent({ kind: 'goes on', step, note })
    await this.#note({})
  }

  /** One after the other, so that the last word of a run is its latest. */
  #note(change: Partial<FailoverRecord>): Promise<void> {
    const noted = this.#noted.then(() => this.#write(change))
    this.#noted = noted.catch(() => {})
    return noted
  }

  /** Says that it is there while a step has nothing to tell; who has taken the run over is met with the next word. */
  async #alive<T>(work: Promise<T>): Promise<T> {
    const timer = setInterval(() => void this.#note({}).catch(() => {}), ALIVE_EVERY_MS)
    try {
      return await work
    } finally {
      clearInterval(timer)
    }
  }

  async #write(change: Partial<FailoverRecord>): Promise<void> {
    const { store, course, clock } = this.#scene
    const memo = boundedMemo(this.#scene.memo)
    const record = { ...this.#record!, ...change, memo, at: clock.now() }
    await store.note(course.to, record)
    this.#record = record
  }
}

const does: Readonly<Record<Exclude<StepName, 'receipt'>, Step>> = {
  warm,
  approach,
  yield: yieldGroups,
  'hand-over': handOver,
  fence,
  deny,
  drain,
  freeze,
  positions,
  rest,
  promote,
  park,
  admit,
  open,
  probe,
  release,
  reverse,
  verify,
  'fence-link': fenceLink,
  clamp: clampPositions,
  loss,
}
