import type { Pair } from '../world/mirrors.ts'
import type { World } from '../world/world.ts'
import { type Checker, type LinkAppend, Violation } from './checker.ts'
import { whereIs } from './where.ts'

/** I7: every writer has a generation of its own, and no marker of an older one follows one of a newer. */
export function oneWriter(_world: World): Checker {
  const holders = new Map<number, string>()
  const newest = new Map<Pair, number>()
  return {
    tookOver(worker, { generation, producerEpoch }) {
      const holder = holders.get(generation)
      holders.set(generation, worker.name)
      if (holder !== undefined && holder !== worker.name) {
        throw new Violation('I7', `generation ${generation} is held by ${holder} and by ${worker.name}`)
      }
      if (producerEpoch !== 0) throw new Violation('I7', `${worker.name} has changed the producer epoch`)
    },
    appended({ pair, stored, by }: LinkAppend) {
      if (!stored.control) return
      const generation = stored.bytes.readInt32BE(stored.bytes.length - 5)
      const before = newest.get(pair) ?? -1
      newest.set(pair, Math.max(before, generation))
      if (generation >= before) return
      const text = `a marker of generation ${generation} after one of ${before}`
      throw new Violation('I7', `${whereIs(pair, stored.base)}: ${by.name} wrote ${text}`)
    },
  }
}
