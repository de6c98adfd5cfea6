import type { FleetStatus, LinkOverview } from '../../fleet/run/fleet-status.ts'
import type { RouteOverview } from '../../fleet/run/route-overview.ts'
import type { Fact, FactKind } from '../../observe/alerts/fact.ts'

/** What a worker said longer ago than this tells nothing of now. */
const FRESH_MS = 60_000
const RPO_MS = 60_000

type Progress = { readonly offsets: number; readonly at: number }

/** What the fleet's status tells of links and routes, as facts. It remembers when each link last copied anything. */
export class FleetFacts {
  readonly #rpoMs: (link: string) => number | undefined
  readonly #progress = new Map<string, Progress>()

  /** `rpoMs`: how far a link may be behind, where the fleet file says so. */
  constructor(rpoMs: (link: string) => number | undefined) {
    this.#rpoMs = rpoMs
  }

  take({ links, routes }: FleetStatus, now: number): Fact[] {
    for (const name of this.#progress.keys()) {
      if (!links.some((link) => link.name === name)) this.#progress.delete(name)
    }
    return [
      ...links.flatMap((link) => this.#ofLink(link, now)),
      ...routes.flatMap((one) => ofRoute(one, now)),
    ]
  }

  #ofLink(link: LinkOverview, now: number): Fact[] {
    const { name, lag, state } = link
    const seconds = now - lag.at > FRESH_MS ? null : lag.seconds
    const rpoSeconds = (this.#rpoMs(name) ?? RPO_MS) / 1_000
    const isStarting = state === 'starting' || state === 'stopped'
    return facts({ link: name }, now, {
      'link-lag-seconds': seconds,
      'link-rpo': seconds === null ? null : seconds / rpoSeconds,
      'link-lag-unknown': isStarting ? null : Number(seconds === null),
      'link-faults': faultsOf(link),
      'link-stalled': this.#stalledSeconds(link, now),
      'link-group-sync': groupSyncSeconds(link, now),
    })
  }

  /** Null where no worker counts; 0 while there is nothing to copy, or nobody wants it. */
  #stalledSeconds({ name, state, lag, counters }: LinkOverview, now: number): number | null {
    if (counters === null) return null
    const offsets = counters.records + counters.gapOffsets
    const before = this.#progress.get(name)
    const hasMore = lag.records === null || lag.records > 0
    if (before === undefined || before.offsets !== offsets || !hasMore || state === 'paused') {
      this.#progress.set(name, { offsets, at: now })
      return lag.records === null && before === undefined ? null : 0
    }
    return lag.records === null ? null : (now - before.at) / 1_000
  }
}

function faultsOf({ fault, mirrors, groups }: LinkOverview): number {
  const inside = [...mirrors, ...groups].filter((one) => one.fault !== null).length
  return Math.max(inside, Number(fault !== null))
}

/** The stalest of the groups whose positions are kept in step; those in use on the destination are let alone. */
function groupSyncSeconds({ groups, state }: LinkOverview, now: number): number | null {
  if (state !== 'active') return null
  const carried = groups.filter((group) => group.state !== 'active' && group.asOf !== null)
  return Math.max(0, ...carried.map(({ asOf }) => (now - asOf!) / 1_000))
}

function ofRoute({ name, state, gateway }: RouteOverview, now: number): Fact[] {
  const isKnown = state !== 'unknown' && state !== 'stopped'
  const left = gateway?.left ?? null
  const fence = left?.fence ?? null
  // A cluster that was never left has no fence; one that is away takes no writes and is fenced when it comes back.
  const isOpen =
    fence !== null && (fence.state === 'partly' || fence.state === 'failed' || fence.state === 'impossible')
  return facts({ route: name }, now, {
    'route-no-writes': isKnown ? Number(state === 'waiting' || state === 'faulted') : null,
    'route-old-primary': left === null ? null : Number(isOpen),
    'route-direct-writers': left === null ? null : left.directWriters.length,
  })
}

function facts(
  subject: Fact['subject'],
  at: number,
  values: Readonly<Partial<Record<FactKind, number | null>>>,
): Fact[] {
  return Object.entries(values).map(([kind, value]) => ({ kind: kind as FactKind, subject, value, at }))
}
