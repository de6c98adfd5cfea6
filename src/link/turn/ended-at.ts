import { fetchRaw } from '../../client/fetch.ts'
import { type Batch, isControl, iterateBatches, lastOffset } from '../../wire/batch/header.ts'
import { readControlRecord } from '../../wire/batch/records.ts'
import { ZERO_UUID } from '../../wire/codec/schema.ts'
import { errorOf } from '../../wire/error-codes.ts'
import { linkError, nameOf } from '../errors.ts'
import type { TopicPartition } from '../port.ts'
import type { Side } from './side.ts'

const FETCH_BYTES = 1024 * 1024
const FETCH_MS = 5_000

/** The markers that end a link as a writer (`fenceWriter`): of its producer, of this generation or a later one. */
export type Ending = { readonly producerId: number; readonly generation: number }

/**
 * Where a log of a link ends that was ended as a writer: at the offset of the first marker that did so. `from` is where
 * the log ended before, `to` where it ends now. Where nothing was on its way the marker is all that lies between, and
 * nothing is read; without a marker the log ends where it ends. @throws MIRROR_FAILED when it cannot be read
 */
export async function endedAt(
  { cluster, port }: Side,
  at: TopicPartition & { readonly from: number; readonly to: number },
  ending: Ending,
): Promise<number> {
  const { topic, partition, from, to } = at
  if (to <= from + 1) return from
  for (let offset = from; offset < to; ) {
    const node = port.leaderOf(at)
    if (node === null) throw linkError('MIRROR_FAILED', `${nameOf(at)} has no leader`, { retriable: true })
    const wanted = {
      topic,
      topicId: ZERO_UUID,
      partition,
      fetchOffset: offset,
      partitionMaxBytes: FETCH_BYTES,
    }
    const options = { maxWaitMs: 0, maxBytes: FETCH_BYTES, isolation: 'read_uncommitted' } as const
    const [answer] = await fetchRaw(cluster, node, 'turn', [wanted], { ...options, timeoutMs: FETCH_MS })
    if (answer === undefined || answer.errorCode !== 0) {
      const why = errorOf(answer?.errorCode ?? -1).name
      throw linkError('MIRROR_FAILED', `${nameOf(at)} cannot be read: ${why}`, { retriable: true })
    }
    const batches = answer.records === null ? [] : [...iterateBatches(answer.records)]
    const found = batches.find((batch) => batch.header.baseOffset >= from && isEnding(batch, ending))
    if (found !== undefined) return found.header.baseOffset
    if (batches.length === 0) return to
    offset = lastOffset(batches.at(-1)!.header) + 1
  }
  return to
}

function isEnding({ header, bytes }: Batch, { producerId, generation }: Ending): boolean {
  if (!isControl(header) || header.producerId !== producerId) return false
  return (readControlRecord(bytes).coordinatorEpoch ?? -1) >= generation
}
