import type { SideName } from '../world/world.ts'
import { BACK_MS, drawBroker, drawMs, type Fault } from './fault.ts'
import { pause } from './pause.ts'

/** A broker's session with its controller ends after 4 s: the longer pauses make it come back as a stale leader. */
export function pauseBroker(side: SideName): Fault {
  return {
    name: `pause-${side}-broker`,
    draw(random) {
      const { broker, name } = drawBroker(random, side)
      const forMs = drawMs(random, 500, 9_000)
      return {
        label: `${name} for ${forMs} ms`,
        async run(world) {
          const { cluster } = world[side]
          const pid = cluster.pidOf(broker)
          if (pid !== null) await pause(pid, forMs)
          await cluster.awaitWhole(BACK_MS)
        },
      }
    },
  }
}
