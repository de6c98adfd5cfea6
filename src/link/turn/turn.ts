import { systemClock } from '../../base/clock.ts'
import type { DirectionRecord } from '../state/records.ts'
import { newestDirection } from './direction.ts'
import type { Side } from './side.ts'

/**
 * Lets a link run from `source` to `destination` from now on, whatever was declared. Its workers, wherever they are,
 * end and are started anew the other way round. The cluster that becomes the destination is told first: a worker that
 * starts in between finds there what the other does not say yet. May be repeated.
 */
export async function turn(link: string, source: Side, destination: Side): Promise<DirectionRecord> {
  const toClusterId = destination.cluster.clusterId
  const known = newestDirection(link, [source.store.view, destination.store.view])
  const record: DirectionRecord =
    known?.toClusterId === toClusterId
      ? known
      : {
          ...{ link, fromClusterId: source.cluster.clusterId, toClusterId },
          ...{ epoch: (known?.epoch ?? 0) + 1, at: systemClock.now() },
        }
  for (const { store } of [destination, source]) {
    await store.append({ kind: 'direction', name: link, record })
    await store.refresh()
  }
  return record
}
