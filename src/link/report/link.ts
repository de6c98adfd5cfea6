import type { Clock } from '../../base/clock.ts'
import { Tally } from '../copy/tally.ts'
import { named } from '../errors.ts'
import { isReleased } from '../mirrors/life.ts'
import type { LinkSession } from '../session.ts'
import { type Assignment, workerName } from '../share/assignment.ts'
import type { Told } from '../share/told.ts'
import type { Fault, LinkBudget, LinkCounters, LinkState, LinkStatus, MirrorStatus } from '../status.ts'
import { sumLag, unknownLag } from './lag.ts'
import { mirrorStatus } from './mirrors.ts'
import { Rate } from './rate.ts'

/** What of a link's status its session does not know. */
export type Standing = {
  /** Whether the link is to work, as `__kmc_state` has it. */
  readonly isWanted: boolean
  readonly assignment: Assignment | null
  /** This worker's name; null while it has no place. */
  readonly self: string | null
  /** Why it has none. */
  readonly fault: Fault | null
  readonly counters: LinkCounters
}

type Counting = { readonly now: number; readonly self: string | null; readonly leads: boolean }

/** Puts a link's status together from its session; keeps what a rate needs between two calls. */
export class LinkReport {
  readonly #link: string
  readonly #clock: Clock
  readonly #rate = new Rate()
  readonly #tally = new Tally()
  /** Faults of the last look, by where they are: one that lasts is counted once. */
  #standing = new Set<string>()
  #generation: number | null = null
  #mirrors: readonly MirrorStatus[] = []

  constructor(link: string, clock: Clock) {
    this.#link = link
    this.#clock = clock
  }

  /** Without a session the mirrors are shown as they were when it ended. */
  status(session: LinkSession | null, standing: Standing): LinkStatus {
    const { assignment, self, counters, isWanted } = standing
    const now = this.#clock.now()
    this.#generation = assignment?.generation ?? this.#generation
    const told = session?.told() ?? null
    if (session !== null && told !== null) this.#mirrors = mirrorsOf(session, told)
    else if (!isWanted) this.#mirrors = this.#mirrors.map((mirror) => ({ ...mirror, state: 'paused' }))
    this.#rate.note({ at: now, records: counters.records, bytes: counters.bytes })
    const known = session?.discovered !== false && this.#mirrors.length > 0
    const obstacle = standing.fault ?? session?.copying.fence ?? hindranceOf(session, now)
    const broken = this.#mirrors.find((mirror) => mirror.fault !== null)
    const fault = obstacle ?? told?.fault() ?? broken?.fault ?? null
    const workers = (assignment?.members ?? []).map((member) => {
      const name = workerName(member)
      return { name, leads: member.id === assignment?.leader, self: name === self }
    })
    const leads = workers.some((worker) => worker.self && worker.leads)
    this.#count(session, obstacle, { now, self, leads })
    return {
      link: this.#link,
      state: stateOf(session, fault !== null, isWanted),
      generation: this.#generation,
      workers,
      lag: known
        ? sumLag(
            this.#mirrors.filter(({ state }) => !isReleased(state)).map((mirror) => mirror.lag),
            now,
          )
        : unknownLag(now),
      rate: this.#rate.now(),
      fault:
        fault &&
        named(fault, { link: this.#link, topic: fault === broken?.fault ? broken.topic : undefined }),
      mirrors: this.#mirrors.map((mirror) => withNamesIn(mirror, this.#link)),
      groups: leads ? (session?.groupStatus() ?? []) : (told?.groups() ?? []),
      counters,
      travel: session?.traveller?.status() ?? null,
      budget: session === null ? null : budgetOf(session),
      faultCounts: [...this.#tally.list(), ...(session?.copying.events.list() ?? [])],
    }
  }

  /** What others tell of their shares they count themselves. */
  #count(session: LinkSession | null, ofLink: Fault | null, { now, self, leads }: Counting): void {
    const found = new Map<string, Fault>()
    for (const { mirror, fault, partitions } of this.#mirrors) {
      const own = partitions.filter(({ worker }) => worker === self)
      const faults = [...own.map((partition) => partition.fault), leads ? fault : null]
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

function stateOf(session: LinkSession | null, faulted: boolean, isWanted: boolean): LinkState {
  if (session === null && !isWanted) return 'paused'
  if (faulted) return session?.discovered === false ? 'starting' : 'faulted'
  return session?.discovered ? 'active' : 'starting'
}

function mirrorsOf(session: LinkSession, told: Told): MirrorStatus[] {
  const statuses = [...session.mirrors()].map((mirror) => mirrorStatus(mirror, session, told))
  return statuses.sort((a, b) => a.topic.localeCompare(b.topic))
}

/** What a person reads of a mirror's faults names the link and the topic. */
function withNamesIn(mirror: MirrorStatus, link: string): MirrorStatus {
  const names = { link, topic: mirror.topic }
  const name = <T extends { readonly fault: Fault | null }>(part: T): T =>
    part.fault === null ? part : { ...part, fault: named(part.fault, names) }
  return name({ ...mirror, partitions: mirror.partitions.map(name) })
}

function budgetOf({ copying }: LinkSession): LinkBudget {
  const { bytesPerSecond, limited, limitedMs } = copying.gate.status()
  return { bytesPerSecond, limited, limitedSeconds: limitedMs / 1_000, heldBytes: copying.heldBytes }
}

/** A round of group positions that fails once is nothing; one that keeps failing is the link's fault. */
const GROUPS_FAIL_MS = 10_000

/** What keeps a worker as a whole from its work: its groups come last, as they stop no record. */
export function hindranceOf(session: LinkSession | null, now: number): Fault | null {
  if (session === null) return null
  return session.copying.health.fault(now) ?? lasting(session.groups.fault, now)
}

function lasting(fault: Fault | null, now: number): Fault | null {
  return fault !== null && now - fault.since > GROUPS_FAIL_MS ? fault : null
}
