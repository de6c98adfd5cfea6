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

/** One line a client: what it has seen of a move. */
export function rowsOf(seen: ReadonlyMap<string, Seen>): string[] {
  return [...seen].map(([name, { records, longestMs, again, errors }]) => {
    const told = errors.length === 0 ? '' : `: ${errors.at(-1)}`
    return `${name}: ${records} records, waited ${longestMs} ms, ${again} again, ${errors.length} errors${told}`
  })
}
