import type { Clock } from '../../base/clock.ts'
import { Tally } from '../copy/tally.ts'
import type { LinkSession } from '../session.ts'
import {
  type Fault,
  type LinkBudget,
  type LinkCounters,
  type LinkState,
  type LinkStatus,
  type MirrorStatus,
  nothingCounted,
} from '../status.ts'
import { sumLag, unknownLag } from './lag.ts'
import { mirrorStatus } from './mirrors.ts'
import { Rate } from './rate.ts'

/** Puts a link's status together from its session; keeps what a rate needs between two calls. */
export class LinkReport {
  readonly #link: string
  readonly #generation: number
  readonly #clock: Clock
  readonly #rate = new Rate()
  readonly #tally = new Tally()
  /** Faults of the last look, by where they are: one that lasts is counted once. */
  #standing = new Set<string>()
  #mirrors: readonly MirrorStatus[] = []

  constructor(link: string, generation: number, clock: Clock) {
    this.#link = link
    this.#generation = generation
    this.#clock = clock
  }

  /** Without a session the link is paused, and its mirrors are shown as they were when it stopped. */
  status(session: LinkSession | null): LinkStatus {
    const now = this.#clock.now()
    if (session !== null) this.#mirrors = mirrorsOf(session)
    else this.#mirrors = this.#mirrors.map((mirror) => ({ ...mirror, state: 'paused' }))
    const counters = session === null ? nothingCounted : countersOf(session)
    this.#rate.note({ at: now, records: counters.records, bytes: counters.bytes })
    const known = session?.discovered !== false && this.#mirrors.length > 0
    const fault =
      session?.copying.fence ??
      session?.copying.health.fault(now) ??
      this.#mirrors.find((mirror) => mirror.fault !== null)?.fault ??
      lasting(session?.groups.fault ?? null, now)
    this.#count(session, fault, now)
    return {
      link: this.#link,
      state: stateOf(session, fault !== null),
      generation: this.#generation,
      lag: known
        ? sumLag(
            this.#mirrors.map((mirror) => mirror.lag),
            now,
          )
        : unknownLag(now),
      rate: this.#rate.now(),
      fault,
      mirrors: this.#mirrors,
      groups: session?.groupStatus() ?? [],
      counters,
      travel: session?.traveller?.status() ?? null,
      budget: session === null ? null : budgetOf(session),
      faultCounts: [...this.#tally.list(), ...(session?.copying.events.list() ?? [])],
    }
  }

  #count(session: LinkSession | null, ofLink: Fault | null, now: number): void {
    const found = new Map<string, Fault>()
    for (const { mirror, fault, partitions } of this.#mirrors) {
      const faults = [fault, ...partitions.map((partition) => partition.fault)]
      for (const one of faults) if (one !== null) found.set(`${mirror} ${one.code} ${one.since}`, one)
    }
    if (ofLink !== null && ![...found.values()].includes(ofLink)) found.set(`${ofLink.code}`, ofLink)
    for (const [where, { code, message }] of session === null ? [] : found) {
      if (this.#standing.has(where)) this.#tally.seen(code, now)
      else this.#tally.note(code, now, message)
    }
    if (session !== null) this.#standing = new Set(found.keys())
  }
}

function stateOf(session: LinkSession | null, faulted: boolean): LinkState {
  if (session === null) return 'paused'
  if (!session.discovered) return 'starting'
  return faulted ? 'faulted' : 'active'
}

function mirrorsOf(session: LinkSession): MirrorStatus[] {
  const statuses = [...session.mirrors()].map((mirror) => {
    const { topic, name, seeding, fault } = mirror
    const numbers = Array.from({ length: mirror.readyPartitions }, (_, partition) => partition)
    const partitions = numbers.flatMap(
      (partition) => session.copying.copierOf({ topic: name, partition }) ?? [],
    )
    return mirrorStatus({ topic, mirror: name, seeding, fault, partitions }, session.copying)
  })
  return statuses.sort((a, b) => a.topic.localeCompare(b.topic))
}

function countersOf({ copying }: LinkSession): LinkCounters {
  return copying.counters.snapshot(copying.copiers())
}

function budgetOf({ copying }: LinkSession): LinkBudget {
  const { bytesPerSecond, limited, limitedMs } = copying.gate.status()
  return { bytesPerSecond, limited, limitedSeconds: limitedMs / 1_000, heldBytes: copying.heldBytes }
}

/** A round of group positions that fails once is nothing; one that keeps failing is the link's fault. */
const GROUPS_FAIL_MS = 10_000

function lasting(fault: Fault | null, now: number): Fault | null {
  return fault !== null && now - fault.since > GROUPS_FAIL_MS ? fault : null
}
