import { type Lag, totalLag } from '../lag/lag.ts'
import type { GroupView } from '../watch/view.ts'
import type { LagSample } from './history.ts'

/** What the history keeps of a group: itself, its part in each topic, and each partition where it has a position. */
export function samplesOf(cluster: string, { groupId: group, lag, partitions }: GroupView): LagSample[] {
  const committed = partitions.filter(({ position }) => position !== null)
  const samples: LagSample[] = [{ of: { cluster, group }, lag }]
  for (const [topic, parts] of Map.groupBy(committed, (part) => part.topic)) {
    const lags: Lag[] = []
    for (const { partition, lag: own } of parts) {
      lags.push(own)
      samples.push({ of: { cluster, group, topic, partition }, lag: own })
    }
    samples.push({ of: { cluster, group, topic }, lag: totalLag(lags) })
  }
  return samples
}
