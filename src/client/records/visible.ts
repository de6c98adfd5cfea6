import { isControl, isTransactional, iterateBatches, lastOffset, verifyCrc } from '../../wire/batch/header.ts'
import { type RecordView, readRecords } from '../../wire/batch/records.ts'
import { wireError } from '../../wire/errors.ts'
import type { TopicPartition } from '../partition.ts'
import { AbortedTransactions, type Transaction } from './aborted.ts'

/** The part of a Fetch answer that says what a reader sees. */
type Fetched = TopicPartition & {
  readonly abortedTransactions: readonly Transaction[]
  readonly records: Buffer | null
}

/** What a reader at read_committed gets of one record; `body` is the bytes of key, value and headers. */
export type VisibleRecord = {
  readonly offset: number
  readonly timestamp: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly body: Buffer
}

export type Visible = {
  readonly records: readonly RecordView[]
  /** Where reading goes on; beyond the last record where control batches follow it. */
  readonly next: number
}

/** The records of a read_committed answer that lie in [from, to). Errors: BATCH_CRC_MISMATCH, those of readRecords. */
export function visibleRecords(fetched: Fetched, from: number, to: number): Visible {
  const aborted = new AbortedTransactions(fetched.abortedTransactions)
  const records: RecordView[] = []
  let next = from
  for (const { header, bytes } of iterateBatches(fetched.records ?? Buffer.alloc(0))) {
    const end = lastOffset(header) + 1
    next = Math.max(next, end)
    if (end <= from) continue
    aborted.reach(end)
    if (isControl(header)) {
      aborted.forget(header.producerId)
      continue
    }
    if (isTransactional(header) && aborted.has(header.producerId)) continue
    if (!verifyCrc(bytes)) throw damaged(fetched, header.baseOffset)
    for (const record of readRecords(bytes)) {
      if (record.offset >= from && record.offset < to) records.push(record)
    }
  }
  return { records, next }
}

function damaged({ topic, partition }: Fetched, offset: number): Error {
  return wireError(
    'BATCH_CRC_MISMATCH',
    `the checksum of the batch at offset ${offset} of ${topic}-${partition} is wrong`,
  )
}
