import type { Fetched, FetchItem } from '../../src/link/port.ts'
import { ErrorCode } from '../../src/wire/error-codes.ts'
import type { ClusterModel } from './cluster.ts'
import type { PartitionLog } from './log.ts'

/** What is asked of one partition; `id` empty asks by name. */
export type Wanted = FetchItem & { readonly id: string }

/** Batches of one partition in one answer; real brokers bound bytes, which tiny batches would never reach. */
const BATCHES_MAX = 6
/** Where an answer is cut, a piece of the next batch follows, as the broker's bound knows nothing of batches. */
const CUT_BYTES = 17

/** One partition's part of a Fetch answer at read_committed (KIP-98). */
export function readAt(
  cluster: ClusterModel,
  node: number,
  { topic, partition, offset, id, lastEpoch = -1 }: Wanted,
): Fetched {
  const at = cluster.led(node, topic, partition, id)
  if (typeof at === 'number') return refused(topic, partition, at)
  const { log } = at
  const known = lastEpoch < 0 ? null : log.epochs.endOf(lastEpoch, log.end)
  if (lastEpoch >= 0 && known === null) return refused(topic, partition, ErrorCode.OFFSET_OUT_OF_RANGE)
  // The log left the reader's way (KIP-595): what it has of that leader epoch ends before the offset.
  if (known !== null && (known.epoch < lastEpoch || known.endOffset < offset)) {
    const diverging = { ...known }
    const nothing = { abortedTransactions: [], records: null, diverging }
    const { start: logStartOffset, stable: lastStableOffset } = log
    return { topic, partition, errorCode: 0, logStartOffset, lastStableOffset, ...nothing }
  }
  if (offset < log.start || offset > log.end) return refused(topic, partition, ErrorCode.OFFSET_OUT_OF_RANGE)
  return {
    topic,
    partition,
    errorCode: 0,
    logStartOffset: log.start,
    lastStableOffset: log.stable,
    ...readCommitted(log, offset),
  }
}

function refused(topic: string, partition: number, errorCode: number): Fetched {
  const nothing = { logStartOffset: -1, lastStableOffset: -1, abortedTransactions: [], records: null }
  return { topic, partition, errorCode, ...nothing }
}

/** Whole batches from the one that holds `offset` up to the last stable offset, in memory of their own. */
function readCommitted(log: PartitionLog, offset: number): Pick<Fetched, 'abortedTransactions' | 'records'> {
  const first = log.indexOf(offset)
  const stable = log.stable
  let last = first
  while (last < log.entries.length && last - first < BATCHES_MAX && log.entries[last]!.next <= stable) last++
  const batches = log.entries.slice(first, last).map(({ bytes }) => bytes)
  if (batches.length === 0) return { abortedTransactions: [], records: null }
  const end = log.entries[last - 1]!.next
  const following = last < log.entries.length && last - first === BATCHES_MAX ? log.entries[last] : undefined
  if (following !== undefined) batches.push(following.bytes.subarray(0, CUT_BYTES))
  const overlapping = log.aborted.filter(
    ({ firstOffset, lastOffset }) => lastOffset >= offset && firstOffset < end,
  )
  const abortedTransactions = overlapping.map(({ producerId, firstOffset }) => ({ producerId, firstOffset }))
  return { abortedTransactions, records: Buffer.concat(batches) }
}
