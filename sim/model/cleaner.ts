import { buildBatch } from '../../src/wire/batch/build.ts'
import { codecOf, isLogAppendTime, isTransactional, readBatchHeader } from '../../src/wire/batch/header.ts'
import { AT, ATTRIBUTE, UNCOUNTED_BYTES } from '../../src/wire/batch/layout.ts'
import { type RecordView, readRecords } from '../../src/wire/batch/records.ts'
import { crc32c } from '../../src/wire/crc32c.ts'
import type { Random } from '../engine/random.ts'
import type { PartitionModel } from './cluster.ts'
import type { Stored } from './log.ts'

/**
 * One pass of the log cleaner over some decided batches: records go, offsets stay. A batch without records is kept
 * empty while its producer may still be active, or goes as well. The active segment is left alone:
 * the newest batch, and what was written since the log lost its tail.
 */
export function clean(at: PartitionModel, random: Random): void {
  const { log, truth } = at
  const stable = log.stable
  const last = log.entries.length - 1
  const kept = log.entries.flatMap((entry, index) => {
    const isActive = truth.version > 0 && truth.facts[entry.base]?.version === truth.version
    if (index === last || isActive || entry.control || entry.next > stable) return [entry]
    if (!random.chance(0.3)) return [entry]
    const records = [...readRecords(entry.bytes)]
    const stay = records.filter(({ offset }) => {
      if (truth.facts[offset]?.state !== 'visible' || random.chance(0.5)) {
        truth.cleaned(offset)
        return false
      }
      return true
    })
    if (stay.length === records.length) return [entry]
    if (stay.length === 0 && random.chance(0.5)) return []
    return [rewritten(entry, stay)]
  })
  log.entries.splice(0, log.entries.length, ...kept)
}

function rewritten(entry: Stored, records: readonly RecordView[]): Stored {
  const bytes = records.length === 0 ? emptied(entry) : thinned(entry, records)
  const transactional = isTransactional(entry.header)
  bytes.writeInt32BE(entry.header.lastOffsetDelta, AT.lastOffsetDelta)
  bytes.writeInt32BE(bytes.length - UNCOUNTED_BYTES, AT.batchLength)
  if (transactional) bytes[AT.attributes + 1] = bytes[AT.attributes + 1]! | ATTRIBUTE.transactional
  bytes.writeUInt32BE(crc32c(bytes.subarray(AT.attributes)), AT.crc)
  return { ...entry, bytes, header: readBatchHeader(bytes, 0) }
}

function thinned({ header }: Stored, records: readonly RecordView[]): Buffer {
  const { baseOffset, producerId, producerEpoch, baseSequence, partitionLeaderEpoch } = header
  const bytes = buildBatch({
    records,
    codec: codecOf(header),
    baseOffset,
    producerId,
    producerEpoch,
    baseSequence,
    partitionLeaderEpoch,
    timestampType: isLogAppendTime(header) ? 'LogAppendTime' : 'CreateTime',
  })
  return bytes
}

function emptied({ bytes }: Stored): Buffer {
  const header = Buffer.from(bytes.subarray(0, AT.records))
  header[AT.attributes + 1] = header[AT.attributes + 1]! & ~ATTRIBUTE.codec
  header.writeInt32BE(0, AT.recordCount)
  return header
}
