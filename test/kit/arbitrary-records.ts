import fc from 'fast-check'
import type { RecordHeader, RecordInput } from '../../src/wire/batch/record.ts'

const TIME_MS = 1_700_000_000_000
const BYTES_MAX = 200

/** A record as a producer gives it, with offsets that may leave holes. */
export type PlacedRecord = Required<Omit<RecordInput, 'body'>>

/** At least one record, offsets ascending from a random base, with null keys, tombstones and odd headers. */
export function arbitraryRecords(maxLength = 8): fc.Arbitrary<PlacedRecord[]> {
  const placed = fc.tuple(fc.maxSafeNat(), fc.array(arbitraryRecord(), { minLength: 1, maxLength }))
  return placed.map(([base, records]) => {
    let offset = base % 2 ** 50
    return records.map(({ hole, ...record }) => {
      const at = offset
      offset += 1 + hole
      return { ...record, offset: at }
    })
  })
}

function arbitraryRecord() {
  return fc.record({
    hole: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat({ max: 100_000 })),
    timestamp: fc.oneof(
      fc.integer({ min: -3000, max: 3000 }).map((delta) => TIME_MS + delta),
      fc.nat(),
      fc.constant(-1),
    ),
    attributes: fc.constant(0),
    key: nullableBytes(),
    value: nullableBytes(),
    headers: fc.array(arbitraryHeader(), { maxLength: 3 }),
  })
}

function arbitraryHeader(): fc.Arbitrary<RecordHeader> {
  // A lone 0xff is no UTF-8; such a key comes back as bytes.
  const key = fc.oneof<fc.Arbitrary<string | Buffer>[]>(
    fc.string({ unit: 'binary' }),
    fc.constant(Buffer.from([0xff])),
  )
  return fc.record({ key, value: nullableBytes() }, { noNullPrototype: true })
}

function nullableBytes(): fc.Arbitrary<Buffer | null> {
  return fc.option(fc.uint8Array({ maxLength: BYTES_MAX }).map((bytes) => Buffer.from(bytes)))
}
