import { setTimeout as sleep } from 'node:timers/promises'
import { kmcOf } from '../world/world.ts'
import { drawMs, type Fault, KMCS } from './fault.ts'

/** Kills the worker with -9 at some moment: while it finds its place, fills a gap, has requests on their way. */
export const killWorker: Fault = {
  name: 'kill-worker',
  draw(random) {
    const afterMs = drawMs(random, 0, 900)
    const which = random.below(KMCS)
    return {
      label: `of kmc ${which} after ${afterMs} ms`,
      async run(world, { killed }) {
        await sleep(afterMs)
        await kmcOf(world, which).killWorker()
        killed('worker')
      },
    }
  },
}
