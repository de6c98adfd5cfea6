import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { arbitraryRecords } from '../../../test/kit/arbitrary-records.ts'
import { assertCode } from '../../../test/kit/assert-code.ts'
import { crc32c } from '../crc32c.ts'
import { buildBatch } from './build.ts'
import { encodeMarker } from './control.ts'
import { readBatchHeader, verifyCrc } from './header.ts'
import { openRecords, readControlRecord, readRecords } from './records.ts'

const CODECS = [0, 1, 2, 3, 4]

for (const codec of CODECS) {
  test(`records come back as they went, codec ${codec}`, () => {
    fc.assert(
      fc.property(arbitraryRecords(), (records) => {
        const batch = buildBatch({ records, codec })
        assert.ok(verifyCrc(batch))
        const views = [...readRecords(batch)]
        assert.deepEqual(
          views.map(({ body, ...view }) => (body.length > 0 ? view : null)),
          records,
        )
        // Taking the bodies as they are gives the same batch, byte for byte.
        assert.deepEqual(buildBatch({ records: views, codec }), batch)
      }),
      { numRuns: 60 },
    )
  })
}

test('records without offsets are numbered from the base offset', () => {
  const batch = buildBatch({ records: [{ timestamp: 1 }, { timestamp: 2 }], baseOffset: 70 })
  assert.deepEqual(
    [...readRecords(batch)].map(({ offset, timestamp }) => [offset, timestamp]),
    [
      [70, 1],
      [71, 2],
    ],
  )
})

test('under LogAppendTime every record has the append time', () => {
  const records = [{ timestamp: 1 }, { timestamp: 9 }]
  const batch = buildBatch({ records, timestampType: 'LogAppendTime' })
  assert.deepEqual(
    [...readRecords(batch)].map(({ timestamp }) => timestamp),
    [9, 9],
  )
})

test('a cursor walks the records without views', () => {
  const records = [
    { timestamp: 5, value: Buffer.from('abc') },
    { timestamp: 6, offset: 4 },
  ]
  const batch = buildBatch({ records, baseOffset: 0, codec: 3 })
  const cursor = openRecords(batch, readBatchHeader(batch, 0))
  const seen: number[][] = []
  while (!cursor.done()) {
    cursor.enter()
    seen.push([cursor.offsetDelta, cursor.timestampDelta, cursor.end - cursor.bodyAt])
    cursor.leave()
  }
  assert.deepEqual(seen, [
    [0, 0, 6],
    [4, 1, 3],
  ])
})

test('markers are read with their coordinator epoch', () => {
  for (const type of ['ABORT', 'COMMIT'] as const) {
    const batch = buildBatch({
      records: [{ timestamp: 1, ...encodeMarker(type, 42) }],
      control: true,
      transactional: true,
    })
    assert.equal(batch.length, 78)
    assert.deepEqual(readControlRecord(batch), { type, coordinatorEpoch: 42 })
  }
  const control = (key: Buffer, value: Buffer | null) =>
    buildBatch({ records: [{ timestamp: 1, key, value }], control: true })
  assert.deepEqual(readControlRecord(control(Buffer.from([0, 0, 0, 2]), null)), {
    type: 'LEADER_CHANGE',
    coordinatorEpoch: null,
  })
  assert.deepEqual(readControlRecord(control(Buffer.from([0, 0, 0, 99]), null)), {
    type: 'UNKNOWN',
    coordinatorEpoch: null,
  })
  assertCode('BATCH_MALFORMED', () => readControlRecord(control(Buffer.from([0, 0]), null)))
  assertCode('BATCH_MALFORMED', () => readControlRecord(control(Buffer.from([0, 0, 0, 1]), null)))
  assertCode('BATCH_MALFORMED', () => readControlRecord(buildBatch({ records: [{ timestamp: 1 }] })))
})

test('records that cannot be written are refused', () => {
  const cases: [string, Parameters<typeof buildBatch>[0]][] = [
    ['BATCH_MALFORMED', { records: [] }],
    [
      'BATCH_MALFORMED',
      {
        records: [
          { timestamp: 1, offset: 5 },
          { timestamp: 1, offset: 5 },
        ],
      },
    ],
    ['BATCH_MALFORMED', { records: [{ timestamp: 1, offset: 5 }], baseOffset: 6 }],
    [
      'BATCH_MALFORMED',
      {
        records: [
          { timestamp: 1, offset: 0 },
          { timestamp: 1, offset: 2 ** 31 },
        ],
      },
    ],
    ['WIRE_VALUE_OUT_OF_RANGE', { records: [{ timestamp: Number.NaN }] }],
    ['WIRE_VALUE_OUT_OF_RANGE', { records: [{ timestamp: 0 }, { timestamp: Number.MAX_SAFE_INTEGER }] }],
    ['COMPRESSION_UNKNOWN_CODEC', { records: [{ timestamp: 1 }], codec: 7 }],
  ]
  for (const [code, input] of cases) assertCode(code, () => buildBatch(input))
})

test('batches that contradict themselves are refused while being read', () => {
  const patch = (change: (batch: Buffer) => void) => () => {
    const batch = buildBatch({ records: [{ timestamp: 1, value: Buffer.from('abc') }, { timestamp: 2 }] })
    change(batch)
    batch.writeUInt32BE(crc32c(batch.subarray(21)), 17)
    return [...readRecords(batch)]
  }
  assertCode(
    'BATCH_MALFORMED',
    patch((batch) => batch.writeInt32BE(1, 57)),
  )
  assertCode(
    'BATCH_MALFORMED',
    patch((batch) => batch.writeInt32BE(3, 57)),
  )
  assertCode(
    'BATCH_MALFORMED',
    patch((batch) => batch.writeInt32BE(0x7fffffff, 57)),
  )
  assertCode(
    'BATCH_MALFORMED',
    patch((batch) => batch.writeInt32BE(0, 23)),
  )
  assertCode(
    'WIRE_INT64_UNSAFE',
    patch((batch) => batch.writeBigInt64BE(1_700_000_000_000_000_000n, 27)),
  )
  assertCode(
    'COMPRESSION_UNKNOWN_CODEC',
    patch((batch) => batch.writeInt16BE(5, 21)),
  )
  assertCode('BATCH_MALFORMED', () => [
    ...readRecords(Buffer.concat([buildBatch({ records: [{ timestamp: 1 }] }), Buffer.alloc(1)])),
  ])
})

test('the limit holds for what is inside, not for what was sent', () => {
  const batch = buildBatch({ records: [{ timestamp: 1, value: Buffer.alloc(1_000_000) }], codec: 4 })
  assert.ok(batch.length < 1000)
  assertCode('DECOMPRESSION_LIMIT', () => [...readRecords(batch, { maxBytes: 999_999 })])
  assert.equal([...readRecords(batch, { maxBytes: 1_000_100 })].length, 1)
})
