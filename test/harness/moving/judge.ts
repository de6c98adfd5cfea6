import assert from 'node:assert/strict'
import { assertOnceInOrder } from '../gateways.ts'
import type { ScannedRecord } from '../java/client.ts'
import type { Seen } from './mover.ts'
import type { MovingWorld, Side } from './world.ts'

/** Errors that an application is shown a move; all others see none. Why: docs/guide/connecting-clients.md. */
const errorsMax: Readonly<Record<string, number>> = {
  'java39-transactional': 2,
  'librdkafka-transactional': 3,
}

/** The same where a side is of Kafka 3.9, which has no transactions by whose end an id could be handed over. */
const errorsMaxOld: Readonly<Record<string, number>> = {
  ...errorsMax,
  'java-transactional': 2,
  'franz-transactional': 2,
}

/**
 * Records a move that come twice: at most what was read since the last commit, five seconds ago. All others get none.
 * Kafka Streams reads again what it had in hand, and its results tell whether that was right.
 */
const againMax: Readonly<Record<string, number>> = {
  'platformatic-reader': 3_000,
  'streams-exactly-once': 3_000,
  'streams-at-least-once': 3_000,
}

/** Of a member that did not give way within its ten seconds, on a machine that is busy. */
const AGAIN_LATE_MAX = 3_000

/** What stands in the logs in the end. `twice`: by writer, records that are there again. */
export type Written = {
  readonly acknowledged: number
  readonly results: number
  readonly twice: ReadonlyMap<string, number>
}

/**
 * All that a run of moves has to prove. `at`: where the route ends; `before`: what was seen before the first move.
 * `isStruck`: gateways were killed in it, and took answers with them. Whose answer is lost sends again, so what is
 * there twice, what was read again and which errors were seen is told and not judged.
 */
export async function assertAllWell(
  world: MovingWorld,
  run: {
    readonly at: Side
    readonly seen: ReadonlyMap<string, Seen>
    readonly before: ReadonlyMap<string, Seen>
    readonly moves: number
    readonly isStruck?: boolean
  },
): Promise<Written> {
  const { at, seen, isStruck = false } = run
  const log = await world.scan(at)
  const mayMix = (name: string) => /-plain$/.test(name) || (isStruck && name === 'kcat-writer')
  const isStrict = world.brokers === 1 && !isStruck
  const twice = assertNothingLost(seen, log, { isStruck, keepsOrder: (name) => isStrict || !mayMix(name) })
  assertNothingMissed(run)
  if (!isStruck) {
    assertReadOnce(run, world.late)
    assertFewErrors(run, world.hasOld ? errorsMaxOld : errorsMax)
  }
  let results = 0
  if (seen.has('streams-exactly-once')) {
    const [once, atLeastOnce] = [
      await world.scan(at, 'streams-exactly-once-out'),
      await world.scan(at, 'streams-at-least-once-out'),
    ]
    assertFoldedOnce(log, once)
    assertFoldedAtLeastOnce(log, atLeastOnce)
    results = once.length + atLeastOnce.length
  }
  const outcomes = [...seen.values()].map((one) => one.outcomes).join('')
  return { acknowledged: outcomes.replaceAll(/[^a]/g, '').length, results, twice }
}

type Run = Parameters<typeof assertAllWell>[1]

function assertNothingMissed({ seen }: Run): void {
  for (const [name, { passedOver }] of seen) assert.equal(passedOver, 0, `${name} missed records`)
}

function assertReadOnce({ seen, moves }: Run, late: ReadonlyMap<string, number>): void {
  for (const [name, { again }] of seen) {
    const most = (againMax[name] ?? 0) * moves + AGAIN_LATE_MAX * (late.get(name) ?? 0)
    assert.ok(again <= most, `${name}: ${again} came again, and it was late ${late.get(name) ?? 0} times`)
  }
}

function assertFewErrors({ seen, before, moves }: Run, max: Readonly<Record<string, number>>): void {
  for (const [name, { errors: all }] of seen) {
    // A coordinator that was still loading, say: nothing of a switch.
    const errors = all.slice(before.get(name)?.errors.length ?? 0)
    assert.ok(errors.length <= (max[name] ?? 0) * moves, `${name}: ${errors.join('\n')}`)
  }
}

/**
 * Every id that was acknowledged stands in the log, once and in its order; what was refused does not. Where a
 * partition is led by another broker on the other side, whoever sends without idempotence sends again out of order.
 * Gives how many are there again, by writer.
 */
function assertNothingLost(
  seen: ReadonlyMap<string, Seen>,
  log: readonly ScannedRecord[],
  { isStruck, keepsOrder }: { readonly isStruck: boolean; readonly keepsOrder: (name: string) => boolean },
): Map<string, number> {
  const twice = new Map<string, number>()
  const byWriter = Map.groupBy(log, ({ writer }) => writer)
  for (const [name, { outcomes }] of seen) {
    if (outcomes === '') continue
    const all = byWriter.get(name) ?? []
    const mine = isStruck ? firstOfEach(all) : all
    if (mine.length < all.length) twice.set(name, all.length - mine.length)
    if (keepsOrder(name)) assertOnceInOrder(name, mine)
    else assert.equal(new Set(mine.map(({ id }) => id)).size, mine.length, `${name}: a record is there twice`)
    const there = new Set(mine.map(({ id }) => id))
    const ids = [...outcomes].map((outcome, id) => ({ outcome, id }))
    const lost = ids.filter(({ outcome, id }) => outcome === 'a' && !there.has(id)).map(({ id }) => id)
    const invented = ids.filter(({ outcome, id }) => outcome === 'f' && there.has(id)).map(({ id }) => id)
    assert.deepEqual({ name, lost, invented }, { name, lost: [], invented: [] })
  }
  return twice
}

function firstOfEach(records: readonly ScannedRecord[]): ScannedRecord[] {
  return [...Map.groupBy(records, ({ id }) => id).values()].map(([first]) => first!)
}

/** A result of Kafka Streams as `Folding.java` writes it: `writer:offset:digest`. */
const resultOf = ({ writer, id, transaction }: ScannedRecord) => `${writer}:${id}:${transaction}`

/** What was written is what reading all records one after the other gives, each once and in its order. */
function assertFoldedOnce(input: readonly ScannedRecord[], output: readonly ScannedRecord[]): void {
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

/** Every record has a result. */
function assertFoldedAtLeastOnce(input: readonly ScannedRecord[], output: readonly ScannedRecord[]): void {
  const results = new Set(output.map(({ partition, id }) => `${partition}/${id}`))
  const without = input.filter(({ partition, offset }) => !results.has(`${partition}/${offset}`))
  assert.deepEqual(without.slice(0, 5), [], `${without.length} records without a result`)
}

/** One line a client: what it has seen of a move. */
export function rowsOf(seen: ReadonlyMap<string, Seen>): string[] {
  return [...seen].map(([name, { records, longestMs, again, errors }]) => {
    const told = errors.length === 0 ? '' : `: ${errors.at(-1)}`
    return `${name}: ${records} records, waited ${longestMs} ms, ${again} again, ${errors.length} errors${told}`
  })
}
