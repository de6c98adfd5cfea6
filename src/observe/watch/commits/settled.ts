import type { FetchedPartition } from '../../../client/fetch.ts'
import { type Batch, isControl, isTransactional, iterateBatches } from '../../../wire/batch/header.ts'
import { readControlRecord } from '../../../wire/batch/records.ts'

type Answer = Pick<FetchedPartition, 'records' | 'abortedTransactions'>

/** The batches of a read_committed answer. `counts`: false for markers and for what was aborted. */
export function* settledBatches({
  records,
  abortedTransactions,
}: Answer): Generator<Batch & { readonly counts: boolean }> {
  if (records === null) return
  const waiting = [...abortedTransactions].sort((a, b) => b.firstOffset - a.firstOffset)
  const aborted = new Set<number>()
  for (const { header, bytes } of iterateBatches(records)) {
    while ((waiting.at(-1)?.firstOffset ?? Number.POSITIVE_INFINITY) <= header.baseOffset) {
      aborted.add(waiting.pop()!.producerId)
    }
    const isAborted = isTransactional(header) && aborted.has(header.producerId)
    if (isControl(header) && readControlRecord(bytes).type === 'ABORT') aborted.delete(header.producerId)
    yield { header, bytes, counts: !isControl(header) && !isAborted }
  }
}
