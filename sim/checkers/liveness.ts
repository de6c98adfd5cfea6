import type { World } from '../world/world.ts'
import { type Checker, Violation } from './checker.ts'
import { whereIs } from './where.ts'

/** I11: once all is healed every partition reaches the source's end, or stands with a fault that says why. */
export function liveness(world: World): Checker {
  return {
    rested() {
      const late = world.late()
      if (late !== null) throw new Violation('liveness', late)
      for (const pair of world.livePairs()) {
        if (world.faultOf(pair) !== null) continue
        const { source, mirror } = pair
        if (mirror.log.start > Math.max(pair.start, source.log.start)) {
          throw new Violation('I1', `${whereIs(pair, mirror.log.start)}: the mirror begins after the source`)
        }
      }
    },
  }
}
