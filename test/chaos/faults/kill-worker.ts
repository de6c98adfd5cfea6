import { setTimeout as sleep } from 'node:timers/promises'
import { drawMs, type Fault } from './fault.ts'

/** Kills the worker with -9 at some moment: while it finds its place, fills a gap, has requests on their way. */
export const killWorker: Fault = {
  name: 'kill-worker',
  draw(random) {
    const afterMs = drawMs(random, 0, 900)
    return {
      label: `after ${afterMs} ms`,
      async run({ link }, { killed }) {
        await sleep(afterMs)
        await link.killWorker()
        killed('worker')
      },
    }
  },
}
