import { randomUUID } from 'node:crypto'
import { type Clock, systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import { whoami } from '../../base/whoami.ts'
import { TAKEN_BACK_AFTER_MS } from '../run/busy.ts'
import { canBeTakenBack } from '../run/course.ts'
import { takeBack } from '../run/take-back.ts'
import type { FailoverRecord } from '../state/records.ts'
import type { RouteSight } from './route-sight.ts'

const LOOK_EVERY_MS = 1_000

export type AbandonedOptions = RouteSight & {
  /** The latest run of the route. */
  readonly run: () => FailoverRecord | null
  /** Puts the route back; default is the real thing. */
  readonly takeBack?: typeof takeBack
}

/**
 * Looks whether clients wait for a switchover that nobody goes on with: its source is well, so the route is put back to
 * it. Never for a failover, whose source somebody has given up, and never once mirrors may have been let go. How long a
 * run is silent counts from when this gateway saw its last word, by its own clock.
 */
export class AbandonedRun {
  readonly #options: AbandonedOptions
  readonly #clock: Clock
  readonly #closing = new AbortController()
  #seen: { readonly word: string; readonly at: number } | null = null

  constructor(options: AbandonedOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
  }

  start(): void {
    void this.#run()
  }

  stop(): void {
    this.#closing.abort()
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing
    while (!signal.aborted) {
      await this.look()
      await this.#clock.sleep(LOOK_EVERY_MS, signal)
    }
  }

  /** Takes the run back where it is time. */
  async look(): Promise<void> {
    const run = this.#options.run()
    if (run === null || !this.#isHolding(run)) {
      this.#seen = null
      return
    }
    const word = `${run.claim} ${run.at} ${run.step}`
    const now = this.#clock.now()
    if (this.#seen?.word !== word) this.#seen = { word, at: now }
    if (now - this.#seen.at < TAKEN_BACK_AFTER_MS) return
    // Tried again as late, should it fail.
    this.#seen = { word, at: now }
    await this.#takeBack(run)
  }

  /** Whether clients wait for it, and it may be put back. */
  #isHolding(run: FailoverRecord): boolean {
    const record = this.#options.record()
    const isUnfinished = run.state === 'running' || run.state === 'failed'
    if (record === null || record.phase === 'open' || record.plan !== run.plan) return false
    return isUnfinished && canBeTakenBack(run)
  }

  async #takeBack(run: FailoverRecord): Promise<void> {
    const { route, names, log, clusters } = this.#options
    const [one, other] = names.map((name) => clusters().get(name))
    // Without both nobody can tell that the source is well.
    if (one === undefined || other === undefined) return
    const context = { route, plan: run.plan, step: run.step }
    try {
      const runner = { ...whoami(), id: randomUUID(), pid: process.pid }
      const work = this.#options.takeBack ?? takeBack
      const isBack = await work({ run, clusters: [one, other], runner, log, clock: this.#clock })
      if (isBack) log.warn(context, 'a switchover that nobody went on with was taken back')
    } catch (error) {
      log.warn({ ...context, why: messageOf(error) }, 'a switchover could not be taken back')
    }
  }
}
