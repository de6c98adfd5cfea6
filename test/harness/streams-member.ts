import assert from 'node:assert/strict'
import { listGroups } from '../../src/client/admin/list-groups.ts'
import type { Cluster } from '../../src/client/cluster.ts'
import { StreamsGroupHeartbeat } from '../../src/wire/apis/088-streams-group-heartbeat.ts'

/**
 * A member of the Streams group `streams` (KIP-1071), as the Java library begins one; epoch -1 leaves. Gives the type
 * that the broker lists the group with.
 */
export async function streamsHeartbeat(
  cluster: Cluster,
  topic: string,
  memberEpoch: number,
): Promise<string> {
  const subtopology = { subtopologyId: '0', sourceTopics: [topic] }
  const joining = {
    topology: { epoch: 0, subtopologies: [subtopology] },
    ...{ processId: 'process', rebalanceTimeoutMs: 10_000 },
    ...{ activeTasks: [], standbyTasks: [], warmupTasks: [], clientTags: [] },
  }
  const who = { groupId: 'streams', memberId: 'Vkd3bE1FbUFRSGlxUEFBQQ', memberEpoch }
  const node = await cluster.coordinator('group', 'streams')
  const body = { ...who, ...(memberEpoch === 0 ? joining : {}) }
  const { errorCode } = await cluster.request(StreamsGroupHeartbeat, body, { node })
  assert.equal(errorCode, 0)
  const [group] = (await listGroups(cluster)).groups.filter(({ groupId }) => groupId === 'streams')
  return group!.type
}
