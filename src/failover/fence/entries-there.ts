import { systemClock } from '../../base/clock.ts'
import { describeAcls, type NewAcl } from '../../client/admin/acls.ts'
import { nowMs } from '../../client/clock.ts'
import type { Cluster } from '../../client/cluster.ts'
import { keyOfAcl } from '../../link/travel/acls/rules.ts'

const WITHIN_MS = 10_000
const LOOK_EVERY_MS = 10

/**
 * Waits until every broker knows these entries, or knows them no more: the controller has answered before that. Gives
 * the brokers that did not follow in time, or could not be asked.
 */
export async function awaitEntries(
  cluster: Cluster,
  acls: readonly NewAcl[],
  wanted: 'there' | 'gone',
): Promise<readonly number[]> {
  if (acls.length === 0) return []
  const keys = acls.map(keyOfAcl)
  const deadline = nowMs() + WITHIN_MS
  const follows = async (node: number): Promise<boolean> => {
    for (;;) {
      const timeoutMs = deadline - nowMs()
      if (timeoutMs <= 0) return false
      const known = await describeAcls(cluster, {}, { node, timeoutMs }).catch(() => null)
      const present = new Set(known?.map((acl) => keyOfAcl(acl as NewAcl)))
      if (known !== null && keys.every((key) => present.has(key) === (wanted === 'there'))) return true
      await systemClock.sleep(LOOK_EVERY_MS)
    }
  }
  const nodes = cluster.metadata.brokers.map(({ nodeId }) => nodeId)
  const followed = await Promise.all(nodes.map(follows))
  return nodes.filter((_, index) => !followed[index])
}
