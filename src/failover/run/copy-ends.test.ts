import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { encodeRouteChange } from '../state/records.ts'
import { joined, partsOf } from './copy-ends.ts'

/** What a batch of the state topic takes. */
const RECORD_BYTES_MAX = 512 * 1024
const END_MAX = 2 ** 40
const PARTITIONS = 100_000

const endsOf = (count: number) => Array.from({ length: count }, (_, index) => END_MAX - index)

test('a hundred thousand partitions stand in records that fit, in one mirror or in many', () => {
  const name = (index: number) => `${index}`.padEnd(249, 'x')
  const many = Object.fromEntries(Array.from({ length: PARTITIONS }, (_, at) => [name(at), [END_MAX]]))
  for (const all of [{ wide: endsOf(PARTITIONS) }, many]) {
    const parts = [...partsOf(all)]
    for (const mirrors of parts) {
      const record = { plan: 'p', generation: 1, mirrors }
      const { value } = encodeRouteChange({ kind: 'ends', name: 'shop', id: '0', record })
      assert.ok(value!.length < RECORD_BYTES_MAX, `${value!.length} bytes`)
    }
    assert.deepEqual(joined(parts.toReversed()), all)
  }
})

test('nothing is left out, wherever parts begin', () => {
  const names = fc.string({ minLength: 1, maxLength: 5, unit: fc.constantFrom('a', 'b', 'c') })
  const sizes = fc.dictionary(names, fc.integer({ min: 1, max: 30_000 }), { maxKeys: 4 })
  fc.assert(
    fc.property(sizes, (wanted) => {
      const all = Object.fromEntries(Object.entries(wanted).map(([name, size]) => [name, endsOf(size)]))
      assert.deepEqual(joined(partsOf(all)), all)
    }),
    { numRuns: 30 },
  )
})
