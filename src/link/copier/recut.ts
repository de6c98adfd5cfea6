import { buildBatch } from '../../wire/batch/build.ts'
import { type BatchHeader, codecOf, isLogAppendTime, verifyCrc } from '../../wire/batch/header.ts'
import { type RecordView, readRecords } from '../../wire/batch/records.ts'
import { corruptBatch } from '../errors.ts'
import type { BatchPiece } from './piece.ts'

/**
 * Cuts one batch into runs of consecutive offsets from `position` on, each a batch of its own, because a broker
 * accepts only batches without holes. Codec and timestamps stay; a LogAppendTime batch carries its append time
 * (its maxTimestamp) as every record's CreateTime, since the destination would stamp its own.
 */
export function* recutBatch(header: BatchHeader, bytes: Buffer, position: number): Generator<BatchPiece> {
  if (!verifyCrc(bytes)) throw corruptBatch(header)
  const appendTime = isLogAppendTime(header) ? header.maxTimestamp : undefined
  let run: RecordView[] = []
  for (const record of readRecords(bytes)) {
    if (record.offset < position) continue
    const previous = run.at(-1)
    if (previous !== undefined && record.offset !== previous.offset + 1) {
      yield encodeRun(run, header, appendTime)
      run = []
    }
    run.push(record)
  }
  if (run.length > 0) yield encodeRun(run, header, appendTime)
}

function encodeRun(
  run: readonly RecordView[],
  header: BatchHeader,
  appendTime: number | undefined,
): BatchPiece {
  const first = run[0]!
  const records = appendTime === undefined ? run : run.map((record) => ({ ...record, timestamp: appendTime }))
  const bytes = buildBatch({ records, codec: codecOf(header) })
  return {
    kind: 'batch',
    offset: first.offset,
    count: run.length,
    bytes,
    timestamp: appendTime ?? first.timestamp,
  }
}
