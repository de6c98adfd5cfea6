import { type Clock, systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import { nowMs } from '../../client/clock.ts'
import type { Drift, DriftKind } from '../../failover/plan/plan.ts'
import type { Fact } from '../../observe/alerts/fact.ts'
import { type Aged, Kept } from '../../observe/watch/aged.ts'

/** A link as it runs now. */
export type DriftLink = { readonly name: string; readonly from: string; readonly to: string }

export type DriftOptions = {
  readonly links: () => readonly DriftLink[]
  readonly compare: (link: DriftLink, signal: AbortSignal) => Promise<readonly Drift[]>
  /** Whether clients would move along the link: a route joins its clusters. */
  readonly isOfRoute: (link: DriftLink) => boolean
  readonly log: Log
  readonly clock?: Clock
}

const FIRST_MS = 10_000
const EVERY_MS = 60_000
/** What takes long is asked so much less often. */
const PAUSE_PER_WORK = 19
const PAUSE_MAX_MS = 30 * 60_000

/** Without a route nobody moves along the link: only what it keeps in step by itself can then be wrong. */
const OF_ANY_LINK: ReadonlySet<DriftKind> = new Set(['partitions', 'replicas', 'setting'])

/** Compares the two sides of each link again and again, one link after another. */
export class DriftWatch implements AsyncDisposable {
  readonly #options: DriftOptions
  readonly #clock: Clock
  readonly #kept = new Map<string, Kept<readonly Drift[]>>()
  readonly #ending = new AbortController()
  readonly #running: Promise<void>

  constructor(options: DriftOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#running = this.#run()
  }

  /** What was found at the last look; null for a link that was not looked at yet. */
  view(link: string): Aged<readonly Drift[]> | null {
    return this.#kept.get(link)?.aged ?? null
  }

  /** How many differences of each link are worth an alert. */
  facts(now: number): Fact[] {
    return this.#options.links().map((link) => {
      const { value = null, trouble = null } = this.view(link.name) ?? {}
      const isMeant = ({ kind, severity }: Drift) =>
        severity !== 'note' && (this.#options.isOfRoute(link) || OF_ANY_LINK.has(kind))
      const count = value === null || trouble !== null ? null : value.filter(isMeant).length
      return { kind: 'link-drift', subject: { link: link.name }, value: count, at: now }
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#ending
    await this.#clock.sleep(FIRST_MS, signal)
    while (!signal.aborted) {
      const startedMs = nowMs()
      await this.look()
      const pauseMs = Math.min(PAUSE_MAX_MS, PAUSE_PER_WORK * (nowMs() - startedMs))
      await this.#clock.sleep(Math.max(EVERY_MS, pauseMs), signal)
    }
  }

  /** Once, at all links. */
  async look(): Promise<void> {
    const { links, compare, log } = this.#options
    const { signal } = this.#ending
    const now = links()
    for (const name of this.#kept.keys()) if (!now.some((link) => link.name === name)) this.#kept.delete(name)
    for (const link of now) {
      if (signal.aborted) return
      const kept = this.#kept.get(link.name) ?? new Kept<readonly Drift[]>()
      this.#kept.set(link.name, kept)
      try {
        kept.took(await compare(link, signal), this.#clock.now())
      } catch (error) {
        if (signal.aborted) return
        kept.failed(error, this.#clock.now())
        log.debug({ link: link.name, why: messageOf(error) }, 'the sides of a link could not be compared')
      }
    }
  }
}
