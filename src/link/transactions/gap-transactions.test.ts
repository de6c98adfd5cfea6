import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Clock, systemClock } from '../../base/clock.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import { GapTransactions, transactionalIdsOf } from './gap-transactions.ts'
import { type Fate, ModelCoordinator } from './testing/coordinator.ts'

/**
 * The source: true where a record stands, false where an offset is to be filled. Workers copy it against a model of
 * brokers that loses answers, brings requests late, and lets dead and overtaken workers' requests arrive.
 */

const PARTITIONS = 3
const OFFSETS = 40
const SEEDS = 40
/** Sleeps no longer than it must, so that hundreds of runs take seconds. */
const quickClock: Clock = { ...systemClock, sleep: () => new Promise((resolve) => setImmediate(resolve)) }
const at = (partition: number) => ({ topic: 't', partition })

class World {
  readonly random: () => number
  readonly source: boolean[][]
  readonly brokers: ModelCoordinator
  generation = 0
  /** What went wrong: records at other offsets than the source's. */
  readonly shifts: string[] = []

  constructor(seed: number, trouble: number) {
    // mulberry32, as in every seeded test of this kind.
    let state = seed
    this.random = () => {
      state = (state + 0x6d2b79f5) | 0
      let t = Math.imul(state ^ (state >>> 15), 1 | state)
      t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
    }
    this.source = Array.from({ length: PARTITIONS }, () =>
      Array.from({ length: OFFSETS }, () => this.random() < 0.5),
    )
    const fates: Fate[] = ['never-arrived', 'answer-lost', 'arrives-late']
    const fate = () => (this.random() < trouble ? fates[Math.floor(this.random() * 3)]! : 'answered')
    this.brokers = new ModelCoordinator(PARTITIONS, fate, () => Math.floor(this.random() * 4))
  }

  /** A worker of a new generation; resolves when it has copied everything, has died, or is told that it is fenced. */
  async work(steps: number): Promise<void> {
    const generation = ++this.generation
    const gaps = new GapTransactions({
      link: 'l',
      port: this.brokers.port,
      isOurs: async () => this.generation === generation,
      note: async () => {},
      clock: quickClock,
    })
    const budget = { steps }
    await Promise.all(
      Array.from({ length: PARTITIONS }, (_, partition) => this.#copy(gaps, partition, budget)),
    )
  }

  async #copy(gaps: GapTransactions, partition: number, budget: { steps: number }): Promise<void> {
    while (budget.steps > 0) {
      budget.steps--
      const [code] = await gaps.settle([at(partition)])
      if (code === ErrorCode.TRANSACTION_COORDINATOR_FENCED) return
      if (code !== 0) continue
      const log = this.brokers.logs[partition]!
      if (await this.#goOn(gaps, partition, log.length, this.brokers.nextSequence(partition))) return
    }
  }

  /** From a position until the end (true) or until something failed. */
  async #goOn(gaps: GapTransactions, partition: number, from: number, sequence: number): Promise<boolean> {
    const source = this.source[partition]!
    for (let offset = from; offset < OFFSETS; ) {
      if (source[offset]) {
        const landed = await this.brokers.produce(partition, sequence++)
        if (landed === 'refused') return false
        if (landed !== offset) this.shifts.push(`${partition}: ${offset} landed at ${landed}`)
        offset++
        continue
      }
      const end = source.indexOf(true, offset)
      const count = (end < 0 ? OFFSETS : end) - offset
      const [answer] = await gaps.fill(1, [{ ...at(partition), offset, count }])
      if (answer!.errorCode !== 0) return false
      offset += count
    }
    return true
  }

  assertEqual(): void {
    assert.deepEqual(this.shifts, [])
    for (const [partition, log] of this.brokers.logs.entries()) {
      assert.deepEqual(
        log.map((entry) => entry !== null),
        this.source[partition],
      )
    }
  }
}

const quiet = () => new Promise((resolve) => setTimeout(resolve, 5))

describe('gaps are filled to the offset', () => {
  test('where every request is answered', async () => {
    const world = new World(1, 0)
    await world.work(Number.POSITIVE_INFINITY)
    world.assertEqual()
  })

  test(`where requests and answers get lost or come late (${SEEDS} seeds)`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const world = new World(seed, 0.15)
      await world.work(Number.POSITIVE_INFINITY)
      await quiet()
      world.assertEqual()
    }
  })

  test(`where workers die or are overtaken while they work (${SEEDS} seeds)`, async () => {
    for (let seed = 1; seed <= SEEDS; seed++) {
      const world = new World(seed, 0.05)
      const overtaken = []
      for (let worker = 0; worker < 4; worker++) {
        overtaken.push(world.work(40))
        for (let turn = 0; turn < world.random() * 60; turn++) await new Promise((r) => setImmediate(r))
      }
      await world.work(Number.POSITIVE_INFINITY)
      await Promise.all(overtaken)
      await quiet()
      world.assertEqual()
    }
  })
})

test('the ids of every lane are known to whoever must take them all over', () => {
  const ids = transactionalIdsOf('dr')
  assert.equal(new Set(ids).size, ids.length)
  assert.ok(ids.every((id) => id.startsWith('__kmc_link_dr-')))
})
