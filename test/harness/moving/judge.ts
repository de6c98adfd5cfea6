import assert from 'node:assert/strict'
import { assertOnceInOrder } from '../gateways.ts'
import type { ScannedRecord } from '../java/client.ts'
import type { Seen } from './mover.ts'

/** Every id that was acknowledged stands in the log, once, in its order; what was refused does not. */
export function assertNothingLost(seen: ReadonlyMap<string, Seen>, log: readonly ScannedRecord[]): void {
  const byWriter = Map.groupBy(log, ({ writer }) => writer)
  for (const [name, { outcomes }] of seen) {
    if (outcomes === '') continue
    const mine = byWriter.get(name) ?? []
    assertOnceInOrder(name, mine)
    const there = new Set(mine.map(({ id }) => id))
    const ids = [...outcomes].map((outcome, id) => ({ outcome, id }))
    const lost = ids.filter(({ outcome, id }) => outcome === 'a' && !there.has(id)).map(({ id }) => id)
    const invented = ids.filter(({ outcome, id }) => outcome === 'f' && there.has(id)).map(({ id }) => id)
    assert.deepEqual({ name, lost, invented }, { name, lost: [], invented: [] })
  }
}

/** A result of Kafka Streams as `Folding.java` writes it: `writer:offset:digest`. */
const resultOf = ({ writer, id, transaction }: ScannedRecord) => `${writer}:${id}:${transaction}`

/** What was written is what reading all records one after the other gives, each once and in its order. */
export function assertFoldedOnce(input: readonly ScannedRecord[], output: readonly ScannedRecord[]): void {
  const written = Map.groupBy(output, ({ partition }) => partition)
  for (const [partition, records] of Map.groupBy(input, (record) => record.partition)) {
    const digests = new Map<string, number>()
    const expected = records.map(({ writer, id, offset }) => {
      const digest = (Math.imul(digests.get(writer) ?? 0, 31) + id) | 0
      digests.set(writer, digest)
      return `${writer}:${offset}:${digest}`
    })
    const found = (written.get(partition) ?? []).map(resultOf)
    const at = expected.findIndex((result, index) => found[index] !== result)
    const first = at === -1 ? null : { partition, at, expected: expected[at], found: found[at] }
    assert.deepEqual({ first, results: found.length }, { first: null, results: expected.length })
  }
}

/** Every record has a result; gives how many have more than one. */
export function assertFoldedAtLeastOnce(
  input: readonly ScannedRecord[],
  output: readonly ScannedRecord[],
): number {
  const results = new Set(output.map(({ partition, id }) => `${partition}/${id}`))
  const without = input.filter(({ partition, offset }) => !results.has(`${partition}/${offset}`))
  assert.deepEqual(without.slice(0, 5), [], `${without.length} records without a result`)
  return output.length - input.length
}

/** One line a client: what it has seen of a move. */
export function rowsOf(seen: ReadonlyMap<string, Seen>): string[] {
  return [...seen].map(([name, { records, longestMs, again, errors }]) => {
    const told = errors.length === 0 ? '' : `: ${errors.at(-1)}`
    return `${name}: ${records} records, waited ${longestMs} ms, ${again} again, ${errors.length} errors${told}`
  })
}
