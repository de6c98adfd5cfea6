import type { FleetStatus, LinkOverview } from './fleet-status.ts'

/** How far the start of a fleet has come. */
export type StartProgress = {
  /** Every link either works or has said why it does not. */
  readonly settled: boolean
  readonly working: readonly LinkOverview[]
  readonly faulted: readonly LinkOverview[]
  readonly pending: readonly LinkOverview[]
}

/** A link whose worker ended is not settled: it is started again, often with success (its cluster came up). Pure. */
export function startProgress({ links }: FleetStatus): StartProgress {
  const working = links.filter(({ state }) => state === 'active' || state === 'paused')
  const faulted = links.filter(({ state, worker }) => state === 'faulted' && worker?.state === 'running')
  const pending = links.filter((link) => !working.includes(link) && !faulted.includes(link))
  return { settled: pending.length === 0, working, faulted, pending }
}
