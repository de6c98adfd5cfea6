import type { Cluster } from '../../client/cluster.ts'
import { linkCodeOf } from '../errors.ts'
import type { LinkSpec } from '../spec.ts'
import type { DirectionRecord } from '../state/records.ts'
import { readState } from '../state/store.ts'
import type { StateView } from '../state/view.ts'

/** The newest of what the clusters of a link tell of its direction; null while it was never turned. */
export function newestDirection(link: string, views: readonly (StateView | null)[]): DirectionRecord | null {
  return newestOf(views.flatMap((view) => view?.direction(link) ?? []))
}

/** The record that counts of those that several clusters tell. */
export function newestOf(told: readonly DirectionRecord[]): DirectionRecord | null {
  return told.reduce<DirectionRecord | null>((a, b) => (a === null || b.epoch > a.epoch ? b : a), null)
}

/** Whether a link runs to another cluster than this one. */
export function runsElsewhere(direction: DirectionRecord | null, toClusterId: string): boolean {
  return direction !== null && direction.toClusterId !== toClusterId
}

/**
 * The link the other way round. It is the declared destination alone that hands out higher producer ids: with both
 * sides raised to one number, clients of the two would have the same again.
 */
export function turned({ producerIdsFrom: _, ...spec }: LinkSpec): LinkSpec {
  return { ...spec, source: spec.destination, destination: spec.source }
}

/** Whether a link runs the other way round, asked of both clusters. One that may not be read there tells nothing. */
export async function isTurned(link: string, source: Cluster, destination: Cluster): Promise<boolean> {
  const views = await Promise.all([source, destination].map(stateOf))
  return runsElsewhere(newestDirection(link, views), destination.clusterId)
}

async function stateOf(cluster: Cluster): Promise<StateView | null> {
  try {
    return await readState(cluster)
  } catch (error) {
    if (linkCodeOf(error) === 'NOT_AUTHORIZED') return null
    throw error
  }
}
