import type { Cluster } from '../../client/cluster.ts'
import { fetchRaw } from '../../client/fetch.ts'
import { listOffsets } from '../../client/list-offsets.ts'
import { type Batch, iterateBatches } from '../../wire/batch/header.ts'
import { ZERO_UUID } from '../../wire/codec/schema.ts'
import { crc32c } from '../../wire/crc32c.ts'
import type { Search, Uncertain } from '../state/deliveries.ts'
import { heldWithin } from './held-within.ts'

/** Fields of a record batch (KIP-98). */
const AT = { batchLength: 8, crc: 17, attributes: 21, records: 61 }
const FETCH_BYTES = 4 * 1024 * 1024
/** What is looked through of one partition; records further on than that are taken for not delivered. */
const ROUNDS_MAX = 16

/** Where logs end, by `topic-partition`, and whether those are all: what is not named then is not there. */
export type KnownEnds = { readonly ends: ReadonlyMap<string, number>; readonly areAll: boolean }

/**
 * Looks for batches on the cluster that serves now, which were on their way to another one when that died: what it had
 * written may have been mirrored. A mirror changes the producer's identity in a batch and nothing else, so the rest of
 * it, under the identity it was sent with, must have the checksum it was sent with; of several that became one, its
 * records (`heldWithin`). Notes the offsets of those found; gives those of which nobody knows: their partition could
 * not be searched to its end in time, or holds something that they may be.
 */
export async function findDelivered(
  cluster: Cluster,
  searches: ReadonlyMap<string, Search>,
  { ends, areAll }: KnownEnds,
  timeoutMs: number,
): Promise<Uncertain[]> {
  const until = performance.now() + timeoutMs
  const searching = [...searches].map(async ([partition, search]) => {
    const end = ends.get(partition) ?? (areAll ? 0 : null)
    const open = () => search.batches.filter(({ offset }) => offset === null)
    // A partition that fails is one that was not searched.
    return end === null ? open() : await searchOne(cluster, search, end, until).catch(open)
  })
  return (await Promise.all(searching)).flat()
}

/** Gives the batches of which nobody knows whether they are there. */
async function searchOne(
  cluster: Cluster,
  { from, batches, isStamped }: Search,
  end: number,
  until: number,
): Promise<Uncertain[]> {
  const { topic, partition } = batches[0]!
  const missing = new Set(batches)
  const maybe = new Set<Uncertain>()
  if (isStamped) return from < end ? [...missing] : []
  let offset = from
  for (let round = 0; offset < end && missing.size > 0; round++) {
    const timeoutMs = until - performance.now()
    if (timeoutMs <= 0 || round === ROUNDS_MAX) return [...missing]
    const node = await cluster.leaderOf(topic, partition, { timeoutMs })
    const wanted = {
      topic,
      topicId: ZERO_UUID,
      partition,
      fetchOffset: offset,
      partitionMaxBytes: FETCH_BYTES,
    }
    const options = { maxWaitMs: 0, maxBytes: FETCH_BYTES, isolation: 'read_uncommitted', timeoutMs } as const
    const [answer] = await fetchRaw(cluster, node, 'gateway', [wanted], options)
    const found = answer?.records == null ? [] : [...iterateBatches(answer.records)]
    if (found.length === 0) return [...missing]
    for (const batch of found) match(batch, missing, maybe)
    offset = found.at(-1)!.header.baseOffset + found.at(-1)!.header.lastOffsetDelta + 1
  }
  return [...missing.intersection(maybe)]
}

function match(batch: Batch, missing: Set<Uncertain>, maybe: Set<Uncertain>): void {
  const { header, bytes } = batch
  for (const one of missing) {
    const head = one.batchHead
    if (head.readInt32BE(AT.batchLength) !== bytes.readInt32BE(AT.batchLength)) continue
    const seed = crc32c(head.subarray(AT.attributes))
    if (crc32c(bytes.subarray(AT.records), seed) !== head.readUInt32BE(AT.crc)) continue
    one.offset = header.baseOffset
    missing.delete(one)
    return
  }
  for (const one of missing) {
    const held = heldWithin(one.batchHead, batch)
    if (held === 'maybe') maybe.add(one)
    else if (held !== null) {
      one.offset = held.offset
      missing.delete(one)
    }
  }
}

/** Where the logs of all topics end now, by `topic-partition`; those that cannot be asked in time are left out. */
export async function endsOf(cluster: Cluster, timeoutMs: number): Promise<Map<string, number>> {
  const queries = cluster.metadata.topics
    .filter(({ isInternal }) => !isInternal)
    .flatMap(({ name: topic, partitions }) =>
      partitions.map(({ partition }) => ({ topic, partition, at: 'end' as const })),
    )
  const outcomes = await listOffsets(cluster, queries, { timeoutMs })
  const ends = new Map<string, number>()
  for (const [index, { topic, partition }] of queries.entries()) {
    const outcome = outcomes[index]!
    if (outcome.ok) ends.set(`${topic}-${partition}`, outcome.value.offset)
  }
  return ends
}
