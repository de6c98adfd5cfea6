import { describeCluster } from '../../client/admin/describe-cluster.ts'
import { describeLogDirs } from '../../client/admin/log-dirs.ts'
import { describeQuorum, type Quorum } from '../../client/admin/quorum.ts'
import { listTopics } from '../../client/admin/topics.ts'
import type { Cluster } from '../../client/cluster.ts'
import { isClientError } from '../../client/errors.ts'
import { askEach } from '../clusters.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import { releaseOf } from '../kafka-release.ts'
import type { Output } from '../output.ts'
import { printable } from '../terminal/text-width.ts'
import { formatBytes } from '../terminal/units.ts'

type BrokerRow = {
  readonly id: number
  readonly address: string
  readonly rack: string | null
  readonly controller: boolean
  /** Registered, and not in service. */
  readonly fenced: boolean
  readonly replicas: number | null
  readonly bytes: number | null
}

type ClusterDescription = {
  readonly name: string
  readonly clusterId: string
  readonly bootstrap: readonly string[]
  readonly mode: 'kraft' | 'zookeeper'
  /** The release whose features the cluster uses; null with ZooKeeper. */
  readonly release: string | null
  readonly topics: number
  readonly partitions: number
  readonly brokers: readonly BrokerRow[]
  readonly quorum: Quorum | null
}

export const clusterDescribe: CommandDefinition = {
  description: 'Shows a cluster: its id, release, brokers with what they hold, and its controllers.',
  examples: [
    ['kmc cluster describe seoul', 'one cluster'],
    ['kmc cluster describe seoul -o json', 'for programs'],
  ],
  configure: (command) => command.argument('<name>', 'a cluster of the fleet file'),
  async run(context, _options, [name]) {
    const [answer] = await askEach(context, name!, describe)
    const description = answer!.answer
    await context.out.value(description, () => print(description, context.out))
    return Exit.ok
  },
}

async function describe(cluster: Cluster, signal: AbortSignal): Promise<ClusterDescription> {
  const [{ clusterId, controllerId, brokers }, topics, sizes, quorum] = await Promise.all([
    describeCluster(cluster, { signal }),
    listTopics(cluster, { signal }),
    sizesByBroker(cluster, signal),
    quorumIfKraft(cluster, signal),
  ])
  const { versions } = await cluster.connection('any', { signal })
  return {
    name: cluster.name,
    clusterId,
    bootstrap: cluster.config.bootstrap,
    mode: quorum === null ? 'zookeeper' : 'kraft',
    release: releaseOf(versions.featureLevel('metadata.version')),
    topics: topics.length,
    partitions: topics.reduce((sum, { partitions }) => sum + partitions.length, 0),
    brokers: brokers.map(({ nodeId, host, port, rack, isFenced }) => ({
      id: nodeId,
      address: `${host}:${port}`,
      rack,
      controller: nodeId === (quorum?.leaderId ?? controllerId),
      fenced: isFenced,
      replicas: sizes.get(nodeId)?.replicas ?? null,
      bytes: sizes.get(nodeId)?.bytes ?? null,
    })),
    quorum,
  }
}

async function sizesByBroker(
  cluster: Cluster,
  signal: AbortSignal,
): Promise<Map<number, { replicas: number; bytes: number }>> {
  // Only an extra: a user who may not see the directories still gets the rest, with these numbers unknown.
  const { logDirs } = await describeLogDirs(cluster, { signal, timeoutMs: 5_000 })
  const sizes = new Map<number, { replicas: number; bytes: number }>()
  for (const { node, error, partitions } of logDirs) {
    if (error !== null) continue
    const before = sizes.get(node) ?? { replicas: 0, bytes: 0 }
    const bytes = partitions.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    sizes.set(node, { replicas: before.replicas + partitions.length, bytes: before.bytes + bytes })
  }
  return sizes
}

async function quorumIfKraft(cluster: Cluster, signal: AbortSignal): Promise<Quorum | null> {
  try {
    return await describeQuorum(cluster, { signal })
  } catch (error) {
    if (isClientError(error, 'UNSUPPORTED_BY_BROKER')) return null
    throw error
  }
}

function print(description: ClusterDescription, out: Output): void {
  const { name, clusterId, bootstrap, mode, release, topics, partitions, brokers, quorum } = description
  const voters = quorum?.voters.map(({ nodeId }) =>
    nodeId === quorum.leaderId ? `${nodeId} (leader)` : `${nodeId}`,
  )
  out.fields([
    ['cluster', name],
    ['id', clusterId],
    ['bootstrap', bootstrap.join(',')],
    ['kafka', release === null ? mode : `${release} (${mode})`],
    ['topics', `${topics} with ${partitions} partitions`],
    ...(voters === undefined ? [] : [['controllers', voters.join(', ')] as const]),
  ])
  const rows = out.table(brokers, [
    { title: 'broker', value: ({ id }) => id, align: 'right' },
    { title: 'address', value: ({ address }) => printable(address) },
    { title: 'rack', value: ({ rack }) => (rack === null ? null : printable(rack)) },
    { title: 'replicas', value: ({ replicas }) => replicas, align: 'right' },
    { title: 'size', value: ({ bytes }) => (bytes === null ? null : formatBytes(bytes)), align: 'right' },
    {
      title: 'state',
      value: ({ fenced, controller }) =>
        fenced ? 'fenced' : controller ? 'active controller' : 'in service',
      paint: (text, { fenced }) => (fenced ? out.palette.bad(text) : out.palette.good(text)),
    },
  ])
  for (const line of ['', ...rows]) out.line(line)
}
