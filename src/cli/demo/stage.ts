import { systemClock } from '../../base/clock.ts'
import type { Supervisor } from '../../fleet/run/supervisor.ts'
import { DEMO_LINK, DEMO_ROUTE } from './demo-fleet.ts'
import type { DemoScreen } from './demo-screen.ts'
import { type Frame, frameOf } from './frame.ts'
import { Rates } from './rates.ts'
import { shopGroups } from './shop-reader.ts'
import { shopTopics } from './shop-writer.ts'
import type { Sample, Sides } from './sides.ts'

const LOOK_EVERY_MS = 250
const PATIENCE_MS = 30_000

/** What every act of the demo plays on: both clusters to look at, the screen that shows them, and the time. */
export class Stage {
  readonly supervisor: Supervisor
  readonly screen: DemoScreen
  readonly sides: Sides
  readonly durationMs: number | null
  readonly #rates = new Rates()
  readonly #startedAt = Date.now()
  #frame: Frame | null = null

  constructor(options: {
    readonly supervisor: Supervisor
    readonly screen: DemoScreen
    readonly sides: Sides
    readonly durationMs: number | null
  }) {
    this.supervisor = options.supervisor
    this.screen = options.screen
    this.sides = options.sides
    this.durationMs = options.durationMs
  }

  get elapsedMs(): number {
    return Date.now() - this.#startedAt
  }

  /** When something is to happen: after so long, earlier where the whole is short. */
  at(ms: number, share: number): number {
    return Math.min(ms, (this.durationMs ?? Number.POSITIVE_INFINITY) * share)
  }

  /** The table as it was drawn last. */
  get frame(): Frame | null {
    return this.#frame
  }

  /** Takes a look at both sides and shows it. */
  async look(): Promise<Sample> {
    const sample = await this.sides.sample(shopTopics, shopGroups)
    this.#rates.note(sample)
    const { links, routes } = this.supervisor.status()
    this.#frame = frameOf(sample, this.#rates, {
      link: links.find(({ name }) => name === DEMO_LINK) ?? null,
      route: routes.find(({ name }) => name === DEMO_ROUTE) ?? null,
      elapsedMs: this.elapsedMs,
      durationMs: this.durationMs,
    })
    this.screen.frame(this.#frame)
    return sample
  }

  /** Looks on until something is so; false when time or the signal came first. */
  async until(
    isSo: (sample: Sample) => boolean,
    signal: AbortSignal,
    withinMs = PATIENCE_MS,
  ): Promise<boolean> {
    const deadline = Date.now() + withinMs
    for (;;) {
      if (isSo(await this.look())) return true
      if (signal.aborted || Date.now() >= deadline) return false
      await systemClock.sleep(LOOK_EVERY_MS, signal)
    }
  }
}
