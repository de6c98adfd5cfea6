import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Turns } from './turns.ts'

/** Bytes that each class gets when all want more in every round; answers are not all alike. */
function serve(turns: Turns, weights: readonly number[], rounds: number, sizes: readonly number[]) {
  const got = new Map(weights.map((weight) => [weight, 0]))
  for (let round = 0; round < rounds; round++) {
    const [first] = turns.order(weights)
    const bytes = sizes[round % sizes.length]!
    turns.charge(first!, bytes)
    got.set(first!, got.get(first!)! + bytes)
  }
  return got
}

test('classes that all want more get bytes by their weights, and none gets nothing', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 64 }), { minLength: 2, maxLength: 6 }),
      fc.array(fc.integer({ min: 50_000, max: 1_000_000 }), { minLength: 1, maxLength: 20 }),
      (weights, sizes) => {
        const got = serve(new Turns(), weights, 6_000, sizes)
        const total = [...got.values()].reduce((sum, bytes) => sum + bytes, 0)
        const sum = weights.reduce((a, b) => a + b, 0)
        for (const weight of weights) {
          const part = got.get(weight)! / total
          assert.ok(Math.abs(part - weight / sum) < 0.03, `${weight} of ${sum} got ${part}`)
        }
      },
    ),
  )
})

test('a class that wanted nothing for long does not shut out the others when it comes back', () => {
  const turns = new Turns()
  serve(turns, [1], 1_000, [1_000_000])
  const got = serve(turns, [1, 16], 1_000, [100_000])
  assert.ok(got.get(1)! > 0.8 * (100_000_000 / 17), `the low one still gets its part: ${got.get(1)}`)
})

test('who wants little goes first whenever it wants something', () => {
  const turns = new Turns()
  serve(turns, [16], 100, [1_000_000])
  assert.deepEqual(turns.order([16, 4]), [4, 16])
})
