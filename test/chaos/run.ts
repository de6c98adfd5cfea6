import { setTimeout as sleep } from 'node:timers/promises'
import type { Anomaly } from './check/anomalies.ts'
import { compareAll, compareStretch, type Ends, moveGroup, settle } from './check/settle.ts'
import type { Told, Victim } from './faults/fault.ts'
import { type Lane, lanes, type Round, type Step } from './plan/deck.ts'
import { type ChaosReport, idsOf, keepReport, killsOf, tableOf } from './report.ts'
import type { World } from './world/world.ts'
import { acknowledged, startWriters, stopWriters } from './world/writers.ts'

const TELL_EVERY_MS = 5_000

export type ChaosOptions = {
  readonly seed: number
  /** The next round, or null when it is enough. `took` is how long the longest so far took. */
  readonly next: (number: number, so: { readonly kills: number; readonly tookMs: number }) => Round | null
  readonly tell: (line: string) => void
}

/** One run: load, rounds of faults, and after each of them the proof. What goes wrong is kept until the end. */
export class ChaosRun {
  readonly #world: World
  readonly #options: ChaosOptions
  readonly #startedAt = Date.now()
  readonly #kills: Record<Victim, number> = { worker: 0, kmc: 0, 'source broker': 0, 'destination broker': 0 }
  readonly #faults: Record<string, number> = {}
  readonly #healedAfterMs: number[] = []
  readonly #anomalies: Anomaly[] = []
  readonly #doing: Record<Lane, string> = { link: '', brokers: '', network: '' }
  readonly #notes: string[] = []
  readonly #told: Told = {
    killed: (victim) => {
      this.#kills[victim] += 1
    },
    noted: (text) => this.#notes.push(text),
  }
  #round = 0
  #ends: Ends | null = null
  #compared = 0
  #longestMs = 0

  constructor(world: World, options: ChaosOptions) {
    this.#world = world
    this.#options = options
  }

  /** Starts the load and the link. Mirrors are made while the first faults come. */
  async begin(): Promise<void> {
    await startWriters(this.#world)
    await Promise.all(this.#world.kmcs.map((kmc) => kmc.up()))
    this.#tell('the link runs')
  }

  /** All rounds. @throws when something does not heal, or is not as it should be after a round */
  async suffer(): Promise<void> {
    const ending = new AbortController()
    const telling = this.#tellAll(ending.signal)
    try {
      for (let number = 0; ; number++) {
        const round = this.#options.next(number, { kills: killsOf(this.#soFar), tookMs: this.#longestMs })
        if (round === null) return
        this.#round = number + 1
        const startedAt = Date.now()
        await Promise.all(lanes.map((lane) => this.#suffer(lane, round[lane])))
        await this.#prove()
        this.#longestMs = Math.max(this.#longestMs, Date.now() - startedAt)
      }
    } finally {
      ending.abort()
      await telling
    }
  }

  /** Ends the load and compares everything, from the first record to the last. */
  async conclude(): Promise<ChaosReport> {
    const journals = await stopWriters(this.#world.java)
    await settle(this.#world)
    this.#tell('the load has ended, both sides end alike')
    const { records, anomalies } = await compareAll(this.#world, journals)
    this.#anomalies.push(...anomalies)
    if (this.#world.disk === null) this.#notes.push('skipped: full-disk: no tmpfs')
    const report = {
      seed: this.#options.seed,
      startedAt: new Date(this.#startedAt).toISOString(),
      durationMs: Date.now() - this.#startedAt,
      rounds: this.#round,
      ...this.#soFar,
      faults: this.#faults,
      healedAfterMs: this.#healedAfterMs,
      ids: idsOf(journals),
      compared: { inRounds: this.#compared, atTheEnd: records },
      anomalies: this.#anomalies,
      notes: this.#notes,
    }
    for (const line of tableOf(report)) this.#options.tell(line)
    this.#options.tell(`kept in ${keepReport(report)}`)
    return report
  }

  get #soFar(): Pick<ChaosReport, 'kills'> {
    return { kills: { ...this.#kills } }
  }

  async #suffer(lane: Lane, steps: readonly Step[]): Promise<void> {
    for (const step of steps) {
      this.#doing[lane] = `${step.fault} ${step.label}`
      this.#faults[step.fault] = (this.#faults[step.fault] ?? 0) + 1
      await step.run(this.#world, this.#told)
      this.#doing[lane] = ''
      await sleep(step.pauseMs)
    }
  }

  async #prove(): Promise<void> {
    const from = Date.now()
    const ends = await settle(this.#world)
    this.#tell('in step')
    this.#healedAfterMs.push(Date.now() - from)
    const { records, anomalies } = await compareStretch(this.#world, this.#ends, ends)
    this.#ends = ends
    this.#compared += records
    this.#anomalies.push(...anomalies)
    if (anomalies.length > 0) throw new Error(`round ${this.#round}: ${JSON.stringify(anomalies)}`)
    await moveGroup(this.#world)
    this.#tell(`${records} records and the positions of the group are equal`)
  }

  #tell(what: string): void {
    const seconds = Math.round((Date.now() - this.#startedAt) / 1000)
    this.#options.tell(`${seconds} s, round ${this.#round}, ${killsOf(this.#soFar)} kills: ${what}`)
  }

  async #tellAll(signal: AbortSignal): Promise<void> {
    let before = { at: Date.now(), count: await acknowledged(this.#world.java) }
    while (!signal.aborted) {
      await sleep(TELL_EVERY_MS, undefined, { signal }).catch(() => {})
      const now = { at: Date.now(), count: await acknowledged(this.#world.java) }
      const perSecond = Math.round(((now.count - before.count) * 1000) / Math.max(1, now.at - before.at))
      before = now
      const statuses = await Promise.all(this.#world.kmcs.map((kmc) => kmc.status()))
      const lag = statuses.find((status) => status?.lag.records != null)?.lag.records ?? 'unknown'
      const doing = lanes
        .map((lane) => this.#doing[lane])
        .filter((text) => text !== '')
        .join(' | ')
      this.#tell(`lag ${lag}, ${perSecond}/s, ${doing || 'proving'}`)
    }
  }
}
