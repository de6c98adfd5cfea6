import type { Lag, LinkState, LinkStatus } from '../../link/status.ts'
import type { LinkOverview, Trouble, WorkerStatus } from './fleet-status.ts'

/** What is known of a link, from whoever knows it. */
export type LinkKnowledge = {
  readonly name: string
  readonly from: string
  readonly to: string
  /** The last status of a worker, or what was read from the clusters; null as long as nothing is known. */
  readonly status: LinkStatus | null
  /** null where no supervisor of this machine runs the link. */
  readonly worker: WorkerStatus | null
  /** Whether the status is of the worker that runs now, and not of one before. */
  readonly isCurrent: boolean
  /** Why no worker runs, or why nothing can be known. */
  readonly trouble: Trouble | null
}

/**
 * One picture of a link. A worker that is gone cannot say so itself: its trouble comes before its last status, and
 * the lag and rate of a link without one are not known. Mirrors and positions are shown as they were last seen.
 */
export function linkOverview(known: LinkKnowledge, nowMs: number): LinkOverview {
  const { name, status, worker, trouble } = known
  const { from = known.from, to = known.to } = status ?? {}
  const works = worker?.state === 'running' && known.isCurrent
  const isMeasured = works || worker === null
  return {
    name,
    from,
    to,
    state: stateOf(known),
    lag: isMeasured ? (status?.lag ?? unknownLag(nowMs)) : unknownLag(nowMs),
    rate: works ? (status?.rate ?? null) : null,
    fault: trouble ?? (worker === null || known.isCurrent ? (status?.fault ?? null) : null),
    generation: status?.generation ?? null,
    ...(works && status?.gaps !== undefined && { gaps: status.gaps }),
    worker,
    workers: works || worker === null ? (status?.workers ?? []) : [],
    mirrors: (status?.mirrors ?? []).map((mirror) =>
      isMeasured ? mirror : { ...mirror, lag: unknownLag(nowMs) },
    ),
    groups: status?.groups ?? [],
    counters: works ? (status?.counters ?? null) : null,
    travel: status?.travel ?? null,
    budget: works ? (status?.budget ?? null) : null,
    faultCounts: works ? (status?.faultCounts ?? []) : [],
  }
}

function stateOf({ status, worker, trouble, isCurrent }: LinkKnowledge): LinkState {
  if (trouble !== null) return 'faulted'
  if (worker === null) return status?.state ?? 'stopped'
  if (worker.state !== 'running') return 'stopped'
  return isCurrent ? (status?.state ?? 'starting') : 'starting'
}

function unknownLag(nowMs: number): Lag {
  return { records: null, bytes: null, seconds: null, at: nowMs }
}
