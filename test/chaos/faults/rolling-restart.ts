import type { SideName } from '../world/world.ts'
import { BACK_MS, BROKERS_PER_SIDE, type Fault } from './fault.ts'

/** Restarts every broker of a cluster in turn, as an operator does for an upgrade. */
export function rollingRestart(side: SideName): Fault {
  return {
    name: `rolling-restart-${side}`,
    draw: () => ({
      label: '',
      async run(world) {
        for (let broker = 1; broker <= BROKERS_PER_SIDE; broker++) {
          await world[side].cluster.restartGently(broker)
          await world[side].cluster.awaitWhole(BACK_MS)
        }
      },
    }),
  }
}
