import { systemClock } from '../../../base/clock.ts'
import type { Cluster } from '../../../client/cluster.ts'
import type { LinkSpec } from '../../../link/spec.ts'
import { failoverError } from '../../errors.ts'
import { driftBetween } from '../judge/drift.ts'
import type { Drift } from '../plan.ts'
import { linkFacts, lookAt } from './facts.ts'

/**
 * What applications would find different if they moved along a link now, the worst first. It asks through connections
 * that others hold, changes nothing, and does not ask who writes.
 * @throws FAILOVER_SIDE_UNREADABLE where one side does not tell its topics
 */
export async function readLinkDrift(
  spec: LinkSpec,
  [source, destination]: readonly [Cluster, Cluster],
  signal: AbortSignal,
): Promise<Drift[]> {
  const link = await linkFacts(destination, spec.name, signal)
  const mirrors = link.told ? (link.value?.mirrors ?? []) : []
  const look = async (cluster: Cluster, topics: readonly string[]) => {
    const side = await lookAt(cluster, { topics, writers: false }, signal)
    if (side.told) return side.value
    throw failoverError('FAILOVER_SIDE_UNREADABLE', `${cluster.name} could not be read: ${side.why}`, {
      retriable: true,
    })
  }
  const [from, to] = await Promise.all([
    look(
      source,
      mirrors.map(({ topic }) => topic),
    ),
    look(
      destination,
      mirrors.map(({ mirror }) => mirror),
    ),
  ])
  return driftBetween({ facts: { at: systemClock.now(), spec, link }, from, to })
}
