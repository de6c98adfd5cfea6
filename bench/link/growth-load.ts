import { type ProduceBatch, produceRaw } from '../../src/client/produce.ts'
import { writeTxnMarkers } from '../../src/client/txn-markers.ts'
import type { Side } from './arena.ts'
import { makePool } from './content.ts'
import type { Shape } from './shapes.ts'

/** What is written to the source while links copy it: the same number of batches to each partition of each topic. */
export type Load = {
  readonly topics: readonly string[]
  readonly partitions: number
  readonly shape: Shape
  readonly batchesPerPartition: number
  /** The share of all offsets that no reader sees, and that a link has to fill: 0 to 0.9. */
  readonly gapShare: number
}

type Place = { readonly topic: string; readonly partition: number }

/** What one request carries at most. */
const REQUEST_BYTES = 1024 * 1024
const WRITERS = 4
/** Batches of a partition between two gaps. */
const GAP_EVERY = 10
/** Nobody's: the broker takes markers of a producer id that it never gave. */
const MARKER_PRODUCER = { producerId: 4_000_000_000, producerEpoch: 0, coordinatorEpoch: 0, committed: true }
/** The first write to each of a thousand partitions makes its files. */
const ANSWER_WITHIN_MS = 120_000

/** Writes the load and gives the bytes of its records. */
export async function writeLoad(side: Side, load: Load): Promise<number> {
  const pool = makePool(load.shape)
  const places = load.topics.flatMap((topic) =>
    Array.from({ length: load.partitions }, (_, partition) => ({ topic, partition })),
  )
  const perRequest = Math.max(1, Math.floor(REQUEST_BYTES / pool[0]!.length))
  const size = Math.min(perRequest, Math.ceil(places.length / WRITERS))
  const groups = Array.from({ length: Math.ceil(places.length / size) }, (_, index) =>
    places.slice(index * size, (index + 1) * size),
  )
  let bytes = 0
  let turn = 0
  const writer = async (lane: string): Promise<void> => {
    for (let group = groups[turn++]; group !== undefined; group = groups[turn++]) {
      const written = await writeGroup(side, load, pool, group, lane)
      bytes += written
    }
  }
  await Promise.all(Array.from({ length: WRITERS }, (_, index) => writer(`load-${index}`)))
  return bytes
}

/** One batch of each place in a request, again and again, with a gap after every tenth. */
async function writeGroup(
  side: Side,
  { batchesPerPartition, gapShare, shape }: Load,
  pool: readonly Buffer[],
  places: readonly Place[],
  lane: string,
): Promise<number> {
  const gap = Math.round((GAP_EVERY * shape.recordsPerBatch * gapShare) / (1 - gapShare))
  let bytes = 0
  let next = places[0]!.partition
  for (let round = 1; round <= batchesPerPartition; round++) {
    const batches = places.map((place) => ({ ...place, batch: pool[next++ % pool.length]! }))
    await produce(side, batches, lane)
    for (const { batch } of batches) bytes += batch.length
    if (gap > 0 && round % GAP_EVERY === 0) await writeGap(side, places, gap, lane)
  }
  return bytes
}

/** Markers without a transaction: an offset each. */
async function writeGap({ cluster, node }: Side, partitions: readonly Place[], count: number, lane: string) {
  const markers = Array.from({ length: count }, () => ({ ...MARKER_PRODUCER, partitions }))
  const answers = await writeTxnMarkers(cluster, { node, lane, timeoutMs: ANSWER_WITHIN_MS }, markers)
  const refused = answers.find(({ errorCode }) => errorCode !== 0)
  if (refused !== undefined)
    throw new Error(`${refused.topic}: a marker was refused with ${refused.errorCode}`)
}

async function produce(
  { cluster, node }: Side,
  batches: readonly Omit<ProduceBatch, 'topicId'>[],
  lane: string,
) {
  const withIds = batches.map((batch) => {
    return { ...batch, topicId: cluster.metadata.topic(batch.topic)!.topicId }
  })
  const answers = await produceRaw(cluster, node, lane, withIds, { timeoutMs: ANSWER_WITHIN_MS })
  const refused = answers.find(({ errorCode }) => errorCode !== 0)
  if (refused !== undefined)
    throw new Error(`${refused.topic}: a batch was refused with ${refused.errorCode}`)
}
