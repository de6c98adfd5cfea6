import { KmcError } from '../../base/error.ts'
import { Cluster } from '../../client/cluster.ts'
import { readState } from '../../link/state/store.ts'
import { newestDirection } from '../../link/turn/direction.ts'
import type { LinkDeclaration, LoadedFleet } from '../file/fleet.ts'
import { accessTo } from './bring-up.ts'

const ASKING_MS = 5_000

/**
 * A declared link as it runs now: its clusters know whether it was turned round. A cluster that does not answer is not
 * waited for; as declared where neither does.
 */
export async function linkAsItRuns(loaded: LoadedFleet, link: LinkDeclaration): Promise<LinkDeclaration> {
  const [from, to] = await Promise.all([look(loaded, link.from), look(loaded, link.to)])
  const newest = newestDirection(link.name, [from?.view ?? null, to?.view ?? null])
  if (newest === null) return link
  const isTurned = newest.toClusterId === from?.clusterId || newest.fromClusterId === to?.clusterId
  return isTurned ? { ...link, from: link.to, to: link.from } : link
}

async function look(loaded: LoadedFleet, name: string) {
  try {
    const access = await accessTo(loaded, name)
    await using cluster = await Cluster.connect(
      { ...access, requestTimeoutMs: ASKING_MS },
      { timeoutMs: ASKING_MS },
    )
    return { clusterId: cluster.clusterId, view: await readState(cluster) }
  } catch (error) {
    // The command itself says what is wrong with a cluster that it needs.
    if (error instanceof KmcError) return null
    throw error
  }
}
