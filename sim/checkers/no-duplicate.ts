import type { World } from '../world/world.ts'
import { type Checker, type LinkAppend, Violation } from './checker.ts'
import { whereIs } from './where.ts'

/** I3: no record stands at an offset that is not its own, so none is there twice or out of order. */
export function noDuplicate(_world: World): Checker {
  return {
    appended({ pair, judged, by }: LinkAppend) {
      const moved = judged.find(({ judgement }) => judgement === 'moved')
      if (moved === undefined) return
      throw new Violation('I3', `${whereIs(pair, moved.offset)}: ${by.name} wrote a record of another offset`)
    },
  }
}
