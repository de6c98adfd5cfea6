import type { Cluster } from '../../client/cluster.ts'
import { DestinationAdapter } from '../ports/destination.ts'
import { openStateStore, type StateStore } from '../state/store.ts'

/** A cluster of a link with what is remembered there, for work that no worker does. */
export type Side = {
  readonly cluster: Cluster
  readonly store: StateStore
  readonly port: DestinationAdapter
}

/** Looks at a cluster and at its state as they are now, making the state topic where there is none. */
export async function openSide(cluster: Cluster): Promise<Side> {
  const store = await openStateStore(cluster)
  const port = new DestinationAdapter(cluster)
  await port.refresh()
  return { cluster, store, port }
}
