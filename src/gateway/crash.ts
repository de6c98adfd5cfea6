import { messageOf } from '../base/error.ts'
import type { Log } from '../base/log.ts'
import type { Ends } from './state/acked.ts'
import { recordCountOf, type Uncertain } from './state/deliveries.ts'
import { type Readers, Resets } from './state/resets.ts'
import type { Rules } from './state/rules.ts'
import type { Backend } from './upstream/backend.ts'
import { endsOf, findDelivered } from './upstream/find-delivered.ts'

/** What a crash has left uncertain: batches of which nobody knows whether they are there, with some partitions. */
export type MaybeTwice = {
  readonly batches: number
  readonly records: number
  readonly partitions: string[]
}

/** Clients wait meanwhile. */
const MEND_MS = 1_000
const NAMES_MAX = 20

/** What a route knows of a crash of its cluster, and what it sees to before the next one serves. */
export class Crash {
  readonly #route: string
  readonly #log: Log
  /** Connections to brokers that broke since the last switch. */
  #brokersLost = 0
  /** By `topic-partition`, where the copies ended on the next cluster, as a failover has said; null outside of one. */
  #copyEnds: Map<string, number> | null = null
  /** What was on its way at the last switch, and was neither found nor missed for sure: it passes when sent again. */
  #unsearched: readonly Uncertain[] = []

  constructor(route: string, log: Log) {
    this.#route = route
    this.#log = log
  }

  get maybeTwice(): MaybeTwice | null {
    const batches = this.#unsearched
    if (batches.length === 0) return null
    const partitions = new Set(batches.map(({ topic, partition }) => `${topic}-${partition}`))
    const records = batches.reduce((sum, { batchHead }) => sum + recordCountOf(batchHead), 0)
    return { batches: batches.length, records, partitions: [...partitions].slice(0, NAMES_MAX) }
  }

  noteBrokerLost(): void {
    this.#brokersLost++
  }

  /** May be told in portions. */
  noteEnds(ends: Ends): void {
    this.#copyEnds ??= new Map()
    for (const [topic, list] of Object.entries(ends)) {
      for (const [partition, end] of list.entries()) this.#copyEnds.set(`${topic}-${partition}`, end)
    }
  }

  /** A failover was called off. */
  forgetEnds(): void {
    this.#copyEnds = null
  }

  /**
   * After a crash, before anything passes: what was on its way to the last cluster is looked for on this one, and where
   * its logs ended as copies is kept for readers that are further; where no failover has said so, where they end now. A
   * cluster that does not answer in time is served as it is.
   */
  async mend(backend: Backend, rules: Rules, readers: Readers): Promise<void> {
    const { deliveries } = rules
    const told = this.#copyEnds
    const isCrash = told !== null || deliveries.hasUncertain || this.#brokersLost > 0
    this.#copyEnds = null
    this.#brokersLost = 0
    this.#unsearched = []
    if (!isCrash) return
    const searches = deliveries.toLookFor()
    const batches = [...searches.values()].flatMap((search) => search.batches)
    try {
      if (told !== null) rules.resets = new Resets(told, readers)
      const cluster = await backend.cluster()
      const ends = told ?? (await endsOf(cluster, MEND_MS))
      rules.resets ??= new Resets(ends, readers)
      this.#unsearched = await findDelivered(cluster, searches, { ends, areAll: told !== null }, MEND_MS)
    } catch (error) {
      this.#unsearched = batches
      const why = messageOf(error)
      this.#log.warn({ route: this.#route, why }, 'what was on its way at a crash could not be looked for')
    }
    const found = batches.filter(({ offset }) => offset !== null).length
    const counts = { batches: batches.length, found, unsearched: this.#unsearched.length }
    this.#log.info({ route: this.#route, ...counts }, 'what was on its way at a crash was looked for')
  }
}
