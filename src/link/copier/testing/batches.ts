import { buildBatch } from '../../../wire/batch/build.ts'
import type { RecordView } from '../../../wire/batch/records.ts'
import type { Fetched } from '../../port.ts'

/** Batches as a source broker would hand them out, for unit tests. */
export type MadeBatch = {
  readonly offsets: readonly number[]
  readonly producerId?: number
  readonly transactional?: boolean
  readonly codec?: number
  /** Default: `v<offset>`. */
  readonly values?: readonly string[]
  /** Leader epoch that the source's log has for it; default 0. */
  readonly epoch?: number
}

function record(offset: number, value = `v${offset}`): RecordView {
  const bytes = Buffer.from(value)
  // Key null (-1), value length and value, no headers: each length a zigzag varint, so below 64 in one byte.
  const body = Buffer.concat([Buffer.from([1, bytes.length * 2]), bytes, Buffer.from([0])])
  return { offset, timestamp: 1_000 + offset, attributes: 0, key: null, value: bytes, headers: [], body }
}

export function batch(made: MadeBatch): Buffer {
  const { offsets, producerId = -1, transactional = false, codec = 0, values = [], epoch = 0 } = made
  const bytes = buildBatch({
    records: offsets.map((offset, index) => record(offset, values[index])),
    codec,
    baseOffset: offsets[0]!,
    producerId,
    producerEpoch: 0,
    baseSequence: 0,
    transactional,
  })
  // Not covered by the CRC: each leader writes its own.
  bytes.writeInt32BE(epoch, 12)
  return bytes
}

export function fetched(records: readonly Buffer[], aborted: Fetched['abortedTransactions'] = []): Fetched {
  return {
    topic: 't',
    partition: 0,
    errorCode: 0,
    logStartOffset: 0,
    lastStableOffset: 1_000_000,
    abortedTransactions: aborted,
    records: Buffer.concat(records),
  }
}

/** A transaction marker as a coordinator writes it: type in the key, coordinator epoch in the value. */
export function controlBatch(offset: number, producerId: number, type: 'ABORT' | 'COMMIT'): Buffer {
  const key = Buffer.from([0, 0, 0, type === 'COMMIT' ? 1 : 0])
  return buildBatch({
    records: [{ offset, timestamp: 0, key, value: Buffer.alloc(6), headers: [] }],
    producerId,
    producerEpoch: 0,
    transactional: true,
    control: true,
  })
}
