import { fetchRaw } from '../../src/client/fetch.ts'
import { type ProduceBatch, produceRaw } from '../../src/client/produce.ts'
import { iterateBatches, lastOffset } from '../../src/wire/batch/header.ts'
import { type Side, topicEnds } from './arena.ts'
import type { Content } from './content.ts'
import { usageOf } from './meter.ts'
import { PARTITIONS } from './shapes.ts'

/** A speed of a broker with nothing but this process at it. CPU seconds are the broker's and this process's. */
export type LimitResult = {
  readonly seconds: number
  readonly records: number
  readonly bytes: number
  readonly brokerCpuSeconds: number
  readonly clientCpuSeconds: number
}

const FETCH_BYTES = 32 * 1024 * 1024
const FETCH_PARTITION_BYTES = 2 * 1024 * 1024
const FETCH_WAIT_MS = 500
const IN_FLIGHT_PER_CONNECTION = 8

/**
 * Appends a content's batches as fast as the broker takes them: every request carries one batch of each partition of
 * its connection, each connection has several requests in flight. Used to load a set as well as to find the limit.
 */
export async function writeAlone(
  side: Side,
  topic: string,
  content: Content,
  connections: number,
): Promise<LimitResult> {
  const topicId = side.cluster.metadata.topic(topic)!.topicId
  const { pool, batchesPerPartition } = content
  const writeLane = async (lane: number, turn: { next: number }): Promise<void> => {
    for (let round = turn.next++; round < batchesPerPartition; round = turn.next++) {
      const batches: ProduceBatch[] = []
      for (let partition = lane; partition < PARTITIONS; partition += connections) {
        // Each partition begins elsewhere in the pool, so that they do not hold the same.
        const index = round * PARTITIONS + partition
        batches.push({ topic, topicId, partition, batch: pool[index % pool.length]! })
      }
      const answers = await produceRaw(side.cluster, side.node, `bench-${lane}`, batches)
      const refused = answers.find(({ errorCode }) => errorCode !== 0)
      if (refused !== undefined) throw new Error(`${topic}: a batch was refused with ${refused.errorCode}`)
    }
  }
  return await measured(side, content, async () => {
    const writers = Array.from({ length: connections }, (_, lane) => {
      const turn = { next: 0 }
      return Array.from({ length: IN_FLIGHT_PER_CONNECTION }, () => writeLane(lane, turn))
    })
    await Promise.all(writers.flat())
  })
}

/** Reads a whole topic through one connection and looks at each batch's header, as a link must. */
export async function readAlone(side: Side, topic: string, content: Content): Promise<LimitResult> {
  const topicId = side.cluster.metadata.topic(topic)!.topicId
  const ends = await topicEnds(side, topic)
  const positions = new Array<number>(PARTITIONS).fill(0)
  return await measured(side, content, async () => {
    for (;;) {
      const wanted = positions.flatMap((fetchOffset, partition) =>
        fetchOffset < ends![partition]!
          ? [{ topic, topicId, partition, fetchOffset, partitionMaxBytes: FETCH_PARTITION_BYTES }]
          : [],
      )
      if (wanted.length === 0) return
      // The partition that was first takes its turn last, or the end would be one partition after the other.
      wanted.push(wanted.shift()!)
      const options = {
        maxWaitMs: FETCH_WAIT_MS,
        maxBytes: FETCH_BYTES,
        isolation: 'read_committed',
      } as const
      for (const { partition, records } of await fetchRaw(
        side.cluster,
        side.node,
        'bench-0',
        wanted,
        options,
      )) {
        for (const { header } of iterateBatches(records ?? NOTHING))
          positions[partition] = lastOffset(header) + 1
      }
    }
  })
}

const NOTHING = Buffer.alloc(0)

async function measured(
  side: Side,
  { records, bytes }: Content,
  work: () => Promise<void>,
): Promise<LimitResult> {
  const before = usageOf(side.pid).cpuSeconds
  const own = process.cpuUsage()
  const startedAt = performance.now()
  await work()
  const seconds = (performance.now() - startedAt) / 1000
  const { user, system } = process.cpuUsage(own)
  const brokerCpuSeconds = usageOf(side.pid).cpuSeconds - before
  return { seconds, records, bytes, brokerCpuSeconds, clientCpuSeconds: (user + system) / 1e6 }
}
