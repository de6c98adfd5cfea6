import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Shop } from './shop-records.ts'

/** A small generator of 0..1 with a seed (mulberry32). */
function seeded(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}

function shop(): Shop {
  return new Shop({ random: seeded(7), nowMs: () => 1_000 })
}

test('the same numbers give the same shop', () => {
  const one = shop()
  const other = shop()
  for (let i = 0; i < 50; i++) assert.deepEqual(one.order(), other.order())
})

test('every order is paid exactly once, whatever was given up in between', () => {
  const place = shop()
  const ordered = new Set<string>()
  for (let i = 0; i < 300; i++) ordered.add(JSON.parse(place.order()[0].value!).order)
  const paid: string[] = []
  let aborts = 0
  for (let run = place.payments(7); run !== null; run = place.payments(7)) {
    if (run.outcome === 'commit') paid.push(...run.records.map(({ key }) => key))
    else {
      aborts += 1
      place.unpaid(run)
    }
  }
  assert.ok(aborts > 0)
  assert.deepEqual(paid.sort(), [...ordered].sort())
})

test('stock falls by what is sold, ends in a tombstone and is filled up again', () => {
  const place = shop()
  const left = new Map<string, number>()
  let tombstones = 0
  for (let i = 0; i < 500; i++) {
    const [order, stock] = place.order()
    const { item, quantity } = JSON.parse(order.value!)
    assert.equal(stock.key, item)
    const expected = (left.get(item) ?? 24) - quantity
    if (stock.value === null) tombstones += 1
    assert.equal(stock.value === null, expected <= 0)
    if (stock.value !== null) assert.equal(JSON.parse(stock.value).left, expected)
    left.set(item, expected > 0 ? expected : 24)
  }
  assert.ok(tombstones > 0)
})
