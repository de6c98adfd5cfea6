import { type Clock, systemClock } from '../../base/clock.ts'
import { messageOf } from '../../base/error.ts'
import type { Log } from '../../base/log.ts'
import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import type { LagHistory, LagSample } from '../../observe/history/history.ts'
import { samplesOf } from '../../observe/history/samples.ts'
import type { House } from '../house.ts'

export type RecorderOptions = Pick<House, 'watches' | 'status'> & {
  readonly history: LagHistory
  readonly log: Log
  readonly clock?: Clock
}

/** As often as the finest level of the history has a place for it. */
const EVERY_MS = 10_000
/** Samples that are held before they are written. */
const BATCH = 2_000

/** Writes the lag of every group and link into the history, each look once. */
export class LagRecorder implements AsyncDisposable {
  readonly #options: Required<RecorderOptions>
  readonly #ending = new AbortController()
  /** When each cluster and link was looked at last, as far as that is written. */
  readonly #written = new Map<string, number>()
  readonly #running: Promise<void>

  constructor(options: RecorderOptions) {
    this.#options = { clock: systemClock, ...options }
    this.#running = this.#run()
  }

  /** Once, now. */
  async record(): Promise<void> {
    const { history, watches, status } = this.#options
    for (const { name, groups } of watches.all()) {
      const { at, value } = groups
      if (at === null || value === null || !this.#isNew(`cluster ${name}`, at)) continue
      for (const samples of inBatches(value.groups.values(), (group) => samplesOf(name, group))) {
        await history.note(samples, at)
      }
    }
    const links = status().links.filter((link) => this.#isNew(`link ${link.name}`, link.lag.at))
    for (const samples of inBatches(links, linkSamples))
      await history.note(samples, this.#options.clock.now())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending.abort()
    await this.#running
    this.#options.history.close()
  }

  async #run(): Promise<void> {
    const { clock, log } = this.#options
    const { signal } = this.#ending
    while (!signal.aborted) {
      await this.record().catch((error: unknown) => log.error({ why: messageOf(error) }, 'lags not written'))
      await clock.sleep(EVERY_MS, signal)
    }
  }

  #isNew(what: string, at: number): boolean {
    if (this.#written.get(what) === at) return false
    this.#written.set(what, at)
    return true
  }
}

/** A link whose ends are not seen says so by null, which leaves a gap. */
function linkSamples({ name: link, lag, mirrors }: FleetStatus['links'][number]): LagSample[] {
  return [{ of: { link }, lag }, ...mirrors.map(({ topic, lag: own }) => ({ of: { link, topic }, lag: own }))]
}

function* inBatches<Item>(items: Iterable<Item>, samples: (item: Item) => readonly LagSample[]) {
  let batch: LagSample[] = []
  for (const item of items) {
    batch.push(...samples(item))
    if (batch.length < BATCH) continue
    yield batch
    batch = []
  }
  yield batch
}
