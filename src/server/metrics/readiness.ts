import type { FleetStatus } from '../../fleet/run/fleet-status.ts'

/** What a fleet is not ready for, a line each; empty when it runs and every link's worker has told how it is. */
export function readiness({ supervisor, links }: FleetStatus): string[] {
  if (supervisor?.phase !== 'running') return [`the fleet is ${supervisor?.phase ?? 'not running'}`]
  return links.flatMap(({ name, worker, state }) => {
    if (worker?.state !== 'running') return [`link ${name}: no worker runs`]
    return state === 'starting' ? [`link ${name}: starting`] : []
  })
}
