import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assertCode } from '../../../test/kit/assert-code.ts'
import { encodeRequestFrame } from '../../wire/api.ts'
import { Produce } from '../../wire/apis/000-produce.ts'
import { buildBatch } from '../../wire/batch/build.ts'
import { readBatchHeader } from '../../wire/batch/header.ts'
import { ProduceScan } from './produce-scan.ts'
import { clientIdOf, produceHead } from './request-head.ts'

const batch = (baseSequence: number) =>
  buildBatch({
    records: [{ timestamp: 1, key: null, value: Buffer.alloc(300), headers: [] }],
    codec: 0,
    producerId: 7,
    producerEpoch: 1,
    baseSequence,
  })

const topicData = [
  {
    name: 'orders',
    partitionData: [
      { index: 0, records: batch(5) },
      { index: 3, records: batch(9) },
    ],
  },
  { name: 'x', partitionData: [{ index: 1, records: null }] },
]

function frameOf(version: number, transactionalId: string | null, acks: number): Buffer {
  const body = { transactionalId, acks, timeoutMs: 30_000, topicData }
  return Buffer.concat(encodeRequestFrame(Produce, version, { correlationId: 4, clientId: 'shop' }, body))
}

for (const version of [3, 8, 9, 12]) {
  test(`version ${version}: head and partitions are read however the bytes come`, () => {
    const frame = frameOf(version, 'txn', -1)
    const produce = produceHead(frame, version)!
    assert.deepEqual([produce.transactionalId, produce.acks, clientIdOf(frame)], ['txn', -1, 'shop'])
    assert.equal(produceHead(frameOf(version, null, 0), version)!.acks, 0)
    for (let bytes = 12; bytes < produce.bodyAt; bytes++)
      assert.equal(produceHead(frame.subarray(0, bytes), version), null)
    for (const step of [1, 7, 64, frame.length]) {
      const scan = new ProduceScan(version, -1)
      for (let at = produce.bodyAt; at < frame.length; at += step) scan.feed(frame.subarray(at, at + step))
      assert.deepEqual(
        scan.partitions.map(({ topic, partition }) => `${topic}-${partition}`),
        ['orders-0', 'orders-3', 'x-1'],
      )
      const sequences = scan.partitions.map(({ batchHead }) =>
        batchHead.length === 0 ? null : batchHead.readInt32BE(53),
      )
      assert.deepEqual(sequences, [5, 9, null])
      assert.equal(readBatchHeader(batch(5), 0).baseSequence, 5)
    }
  })
}

test('a length that does not end, or a name without letters, is refused', () => {
  const scan = new ProduceScan(9, -1)
  assertCode('GATEWAY_BAD_FRAME', () => scan.feed(Buffer.from('00000000ffffffffffff', 'hex')))
  const other = new ProduceScan(3, -1)
  assertCode('GATEWAY_BAD_FRAME', () => other.feed(Buffer.from('000000000000000100000000', 'hex')))
})
