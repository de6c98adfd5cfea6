import type { Cluster } from '../../client/cluster.ts'
import { linkCodeOf } from '../errors.ts'
import type { LinkSpec } from '../spec.ts'
import type { DirectionRecord } from '../state/records.ts'
import { readState } from '../state/store.ts'
import type { StateView } from '../state/view.ts'

/** The newest of what the clusters of a link tell of its direction; null while it was never turned. */
export function newestDirection(link: string, views: readonly (StateView | null)[]): DirectionRecord | null {
  const told = views.flatMap((view) => view?.direction(link) ?? [])
  return told.reduce<DirectionRecord | null>((a, b) => (a === null || b.epoch > a.epoch ? b : a), null)
}

/** Whether a link runs to another cluster than this one. */
export function runsElsewhere(direction: DirectionRecord | null, toClusterId: string): boolean {
  return direction !== null && direction.toClusterId !== toClusterId
}

/** The link the other way round. */
export function turned(spec: LinkSpec): LinkSpec {
  return { ...spec, source: spec.destination, destination: spec.source }
}

/** Which way the link runs, asked of both clusters. A principal that may not read there is told nothing. */
export async function directionBetween(
  link: string,
  clusters: readonly Cluster[],
): Promise<DirectionRecord | null> {
  return newestDirection(link, await Promise.all(clusters.map(stateOf)))
}

async function stateOf(cluster: Cluster): Promise<StateView | null> {
  try {
    return await readState(cluster)
  } catch (error) {
    if (linkCodeOf(error) === 'NOT_AUTHORIZED') return null
    throw error
  }
}
