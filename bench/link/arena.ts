import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { silentLog } from '../../src/base/log.ts'
import { createTopics } from '../../src/client/admin/create-topics.ts'
import { deleteTopics } from '../../src/client/admin/delete-topics.ts'
import { Cluster } from '../../src/client/cluster.ts'
import type { ClusterConfig } from '../../src/client/config.ts'
import { listOffsetsAt } from '../../src/client/list-offsets.ts'
import { unwrap } from '../../src/client/outcome.ts'
import { ManagedCluster } from '../../src/engine/kafka/cluster.ts'
import { brokerAnswers } from '../../src/fleet/run/probe.ts'
import { PARTITIONS } from './shapes.ts'

export const KAFKA_VERSION = '4.3.1'
const HEAP_MIB = 1024
const PORTS_PER_CLUSTER = 10
/** Deleted mirrors leave the disk at once; nothing else differs from kmc's and Kafka's defaults. */
const settings = { 'log.segment.delete.delay.ms': '500' }
/** Room for the largest batch of p10k once MirrorMaker 2 has packed it anew, and for records of any age. */
const topicConfigs = { 'retention.ms': '-1', 'max.message.bytes': '4194304' }

/** One of the two clusters: a single broker, and how to reach it. */
export type Side = {
  readonly config: ClusterConfig
  readonly cluster: Cluster
  /** The only broker's id and process. */
  readonly node: number
  readonly pid: number
}

export type Arena = {
  readonly source: Side
  readonly destination: Side
  /** A folder for logs and settings; removed by `close`. */
  readonly directory: string
  close(): Promise<void>
}

/**
 * Starts two clusters on an empty temporary folder, or only the source, which then stands for both. `close` ends them
 * and removes everything.
 */
export async function openArena(
  basePort: number,
  names: readonly string[] = ['source', 'destination'],
): Promise<Arena> {
  const directory = await mkdtemp(join(tmpdir(), 'kmc-bench-'))
  const managed = names.map((name, index) => {
    const where = { name, directory: join(directory, name), basePort: basePort + index * PORTS_PER_CLUSTER }
    // Native libraries that a JVM unpacks go with the folder.
    const jvm = { heapMiB: HEAP_MIB, jvmOptions: [`-Djava.io.tmpdir=${directory}`] }
    const spec = { ...where, ...jvm, kafka: { version: KAFKA_VERSION }, config: settings }
    return new ManagedCluster(
      { ...spec, brokers: 1, security: false },
      { probe: brokerAnswers, log: silentLog },
    )
  })
  const clusters: Cluster[] = []
  const close = async () => {
    await Promise.all(clusters.map((cluster) => cluster.close()))
    await Promise.all(managed.map((cluster) => cluster.stop()))
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await Promise.all(managed.map(({ spec }) => mkdir(spec.directory, { recursive: true })))
    await Promise.all(managed.map((cluster) => cluster.start()))
    const sides: Side[] = []
    for (const broker of managed) {
      const config = { name: broker.spec.name, ...broker.clientAccess }
      const cluster = await Cluster.connect(config)
      clusters.push(cluster)
      const { id, pid } = broker.nodes[0]!
      sides.push({ config, cluster, node: id, pid: pid! })
    }
    return { source: sides[0]!, destination: sides[1] ?? sides[0]!, directory, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Makes a topic and gives its id once its leaders answer. */
export async function makeTopic(side: Side, name: string, partitions = PARTITIONS): Promise<string> {
  const topic = { name, partitions, replicationFactor: 1, configs: topicConfigs }
  unwrap((await createTopics(side.cluster, [topic]))[0]!)
  // A topic of that name may have been here before, with another id.
  await side.cluster.refresh([name])
  while ((await topicEnds(side, name, partitions)) === null) await sleep(20)
  return side.cluster.metadata.topic(name)!.topicId
}

export async function dropTopic(side: Side, name: string): Promise<void> {
  unwrap((await deleteTopics(side.cluster, [name]))[0]!)
}

/** Log ends of a topic's partitions; null while it is not there or not led. */
export async function topicEnds(
  side: Side,
  topic: string,
  partitions = PARTITIONS,
): Promise<number[] | null> {
  const { cluster, node } = side
  if (cluster.metadata.topic(topic)?.partitions.length !== partitions) await cluster.refresh([topic])
  if (cluster.metadata.topic(topic)?.partitions.length !== partitions) return null
  const at = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  const answers = await listOffsetsAt(cluster, { node }, at, 'end')
  return answers.every(({ errorCode }) => errorCode === 0) ? answers.map(({ offset }) => offset) : null
}
