import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { inBatches } from './batches.ts'
import type { Line } from './lines.ts'

type Coming = { readonly afterMs: number; readonly bytes: number }

async function* coming(lines: readonly Coming[]): AsyncGenerator<Line> {
  for (const [index, { afterMs, bytes }] of lines.entries()) {
    if (afterMs > 0) await sleep(afterMs)
    yield { bytes: Buffer.alloc(bytes), number: index + 1 }
  }
}

async function sizes(lines: readonly Coming[]): Promise<number[]> {
  const found: number[] = []
  let expected = 1
  for await (const batch of inBatches(coming(lines))) {
    for (const { number } of batch) assert.equal(number, expected++)
    found.push(batch.length)
  }
  assert.equal(expected, lines.length + 1)
  return found
}

test('what comes together is written together, five thousand lines at most', async () => {
  const lines = Array.from({ length: 12_500 }, () => ({ afterMs: 0, bytes: 1 }))
  assert.deepEqual(await sizes(lines), [5_000, 5_000, 2_500])
})

test('large lines make small batches', async () => {
  const lines = Array.from({ length: 5 }, () => ({ afterMs: 0, bytes: 300 * 1024 }))
  assert.deepEqual(await sizes(lines), [2, 2, 1])
})

test('a line does not wait long for others, and a slow drip does not make it wait for a full batch', async () => {
  assert.deepEqual(
    await sizes([
      { afterMs: 0, bytes: 1 },
      { afterMs: 150, bytes: 1 },
      { afterMs: 150, bytes: 1 },
    ]),
    [1, 1, 1],
  )
  const drip = await sizes(Array.from({ length: 40 }, () => ({ afterMs: 5, bytes: 1 })))
  assert.ok(drip.length >= 4, `${drip.length} batches`)
})

test('no line, no batch', async () => {
  assert.deepEqual(await sizes([]), [])
})
