import assert from 'node:assert/strict'
import { test } from 'node:test'
import { noPromotion, type PartitionLook, promotionStep, QUIET_MS } from './promotion.ts'

const part = (more: Partial<PartitionLook> = {}): PartitionLook => ({
  partition: 0,
  mirrorEnd: 10,
  sourceEnd: 10,
  highWatermark: 10,
  fault: null,
  ...more,
})
const inStep = { asOf: Number.POSITIVE_INFINITY, faulted: [] }

function look(
  at: number,
  partitions: PartitionLook[],
  groups = inStep as { asOf: number | null; faulted: string[] },
) {
  return { at, partitions, groups }
}

test('it is ready when both sides stood equal for a while, and not before', () => {
  const first = promotionStep(noPromotion, look(1_000, [part(), part({ partition: 1 })]))
  assert.equal(first.ready, false)
  const soon = promotionStep(first.promotion, look(1_000 + QUIET_MS - 1, [part(), part({ partition: 1 })]))
  assert.equal(soon.ready, false)
  const later = promotionStep(soon.promotion, look(1_000 + QUIET_MS, [part(), part({ partition: 1 })]))
  assert.equal(later.ready, true)
})

test('a write in between starts the silence anew, and is told', () => {
  const first = promotionStep(noPromotion, look(0, [part()]))
  const grown = part({ mirrorEnd: 12, sourceEnd: 12, highWatermark: 12 })
  const second = promotionStep(first.promotion, look(QUIET_MS, [grown]))
  assert.equal(second.ready, false)
  assert.match(second.text, /still being written to \(2 offsets/)
  const third = promotionStep(second.promotion, look(QUIET_MS + 1, [grown]))
  assert.equal(third.ready, false)
  assert.equal(promotionStep(third.promotion, look(2 * QUIET_MS + 1, [grown])).ready, true)
})

const waiting: [string, PartitionLook, RegExp][] = [
  ['lag', part({ mirrorEnd: 7 }), /3 records behind/],
  ['an open transaction', part({ highWatermark: 11 }), /transactions are open/],
  ['a fault', part({ fault: 'RETENTION_OVERTOOK' }), /stopped by RETENTION_OVERTOOK/],
  ['unknown ends', part({ sourceEnd: null }), /not known/],
]
for (const [what, partition, text] of waiting) {
  test(`${what} is waited for, however long`, () => {
    const equal = { equalSince: 0, sourceTotal: partition.highWatermark }
    const step = promotionStep(equal, look(1_000_000, [partition]))
    assert.equal(step.ready, false)
    assert.equal(step.promotion.equalSince, null)
    assert.match(step.text, text)
  })
}

test('positions must have been read after both sides were equal', () => {
  const before = { equalSince: 5_000, sourceTotal: 10 }
  const late = { asOf: 4_999, faulted: [] }
  assert.match(promotionStep(before, look(50_000, [part()], late)).text, /positions of the groups/)
  assert.equal(promotionStep(before, look(50_000, [part()], { ...late, asOf: 5_000 })).ready, true)
  const faulted = { asOf: 9_000, faulted: ['billing'] }
  assert.match(promotionStep(before, look(50_000, [part()], faulted)).text, /billing/)
})
