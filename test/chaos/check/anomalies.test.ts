import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { ScannedRecord } from '../../harness/java/client.ts'
import { type AnomalyKind, anomaliesOf, type Journal, type Observed } from './anomalies.ts'

/** Each anomaly of the catalogue is planted once, and found under its name. */

const PARTITIONS = 2
const journal: Journal = {
  name: 'w',
  kind: 'idempotent',
  topic: 't',
  partitions: PARTITIONS,
  outcomes: 'aaaaaaff',
  offsets: [0, 0, 1, 1, 2, 2, -1, -1],
  transactions: [0, 0, 0, 0, 1, 1, 2, 2],
}

function record(id: number, offset = id >> 1, digest = `d${id}`): ScannedRecord {
  const partition = id % PARTITIONS
  return { partition, offset, timestamp: 5, key: `k${partition}`, writer: 'w', id, transaction: 0, digest }
}

const good = [0, 1, 2, 3, 4, 5].map((id) => record(id))

function kindsOf(parts: Partial<Observed>, own: Partial<Journal> = {}): AnomalyKind[] {
  const observed = { topic: 't', isCompacted: false, source: good, destination: good, ...parts }
  return [...new Set(anomaliesOf(observed, [{ ...journal, ...own }]).map(({ kind }) => kind))].sort()
}

/** The same on both sides. */
function both(records: readonly ScannedRecord[]): Partial<Observed> {
  return { source: records, destination: records }
}

describe('the checker', () => {
  test('finds nothing where nothing is wrong', () => {
    assert.deepEqual(kindsOf({}), [])
  })

  test('finds a record that only the source has, and one that only the destination has', () => {
    assert.deepEqual(kindsOf({ destination: good.slice(0, 5) }), ['lost-write'])
    assert.deepEqual(
      kindsOf({ destination: [...good, { ...record(0), offset: 9 }] }).includes('invented'),
      true,
    )
  })

  test('finds an acknowledged record that neither side has', () => {
    assert.deepEqual(kindsOf(both(good.slice(0, 5))), ['lost-write'])
  })

  test('finds another record, or another time, at the same offset', () => {
    assert.deepEqual(kindsOf({ destination: [...good.slice(0, 5), record(5, 2, 'other')] }), [
      'inconsistent-offsets',
    ])
    const late = { ...record(5), timestamp: 6 }
    assert.deepEqual(kindsOf({ destination: [...good.slice(0, 5), late] }), ['inconsistent-offsets'])
  })

  test('finds a record elsewhere than its writer was told', () => {
    assert.deepEqual(kindsOf(both([...good.slice(0, 5), record(5, 7)])), ['inconsistent-offsets'])
  })

  test('finds records of aborted transactions', () => {
    assert.deepEqual(kindsOf(both([...good, record(6)])), ['aborted-read'])
  })

  test('finds a record twice, unless its writer has no sequences and the source has it twice as well', () => {
    const twice = [...good, record(5, 3)]
    assert.deepEqual(kindsOf(both(twice)), ['duplicate', 'inconsistent-offsets', 'nonmonotonic-send'])
    assert.deepEqual(kindsOf(both(twice), { kind: 'plain' }), [])
    assert.deepEqual(kindsOf({ destination: twice }, { kind: 'plain' }), ['invented'])
  })

  test('finds records out of the order of their sends', () => {
    const swapped = [record(2, 0), record(0, 1), ...good.filter(({ id }) => id !== 0 && id !== 2)]
    assert.ok(kindsOf(both(swapped)).includes('nonmonotonic-send'))
  })

  test('finds a reader that went back', () => {
    assert.ok(kindsOf(both([good[2]!, good[0]!, ...good.slice(3), good[1]!])).includes('nonmonotonic-poll'))
  })

  test('finds half a transaction whose outcome nobody knows', () => {
    const unknown = {
      kind: 'transactional',
      outcomes: 'aaaauuff',
      offsets: [0, 0, 1, 1, -1, -1, -1, -1],
    } as const
    assert.deepEqual(kindsOf(both(good.slice(0, 5)), unknown), ['torn-transaction'])
    assert.deepEqual(kindsOf(both(good.slice(0, 4)), unknown), [])
    assert.deepEqual(kindsOf(both(good), unknown), [])
  })

  test('finds what nobody wrote', () => {
    assert.deepEqual(kindsOf(both([...good, record(8)])), ['invented'])
    assert.deepEqual(kindsOf(both([...good, { ...record(5, 3), writer: 'x' }])), ['invented'])
  })

  test('lets a cleaner remove all but the latest of a key, on each side by itself', () => {
    const isCompacted = true
    // Ids 0 to 5 have keys of their own; what is latest on one side must be so on the other.
    const keyed = good.map((one) => ({ ...one, key: `k${one.id}` }))
    assert.deepEqual(kindsOf({ isCompacted, ...both(keyed) }), [])
    assert.deepEqual(kindsOf({ isCompacted, source: keyed, destination: keyed.slice(1) }), ['lost-write'])
    const again = [...keyed, { ...record(40, 20), key: 'k0' }]
    const journalOf41 = {
      outcomes: `aaaaaa${'f'.repeat(34)}a`,
      offsets: [0, 0, 1, 1, 2, 2, ...Array(35).fill(-1)],
    }
    assert.deepEqual(kindsOf({ isCompacted, source: again, destination: again.slice(1) }, journalOf41), [])
    assert.deepEqual(kindsOf({ isCompacted, source: again, destination: keyed }, journalOf41), ['lost-write'])
  })
})
