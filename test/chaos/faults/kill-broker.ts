import type { SideName } from '../world/world.ts'
import { BACK_MS, drawBroker, type Fault } from './fault.ts'

/** Kills a broker with -9; the engine starts it again. */
export function killBroker(side: SideName): Fault {
  return {
    name: `kill-${side}-broker`,
    draw(random) {
      const { broker, name } = drawBroker(random, side)
      return {
        label: name,
        async run(world, { killed }) {
          const { cluster } = world[side]
          const before = cluster.pidOf(broker)
          if (!cluster.kill(broker)) return
          killed(`${side} broker`)
          await cluster.awaitAnother(broker, before)
          await cluster.awaitWhole(BACK_MS)
        },
      }
    },
  }
}
