import { drawMs, type Fault } from './fault.ts'
import { pause } from './pause.ts'

/** SIGSTOP, then SIGCONT: the worker wakes with a picture of the world that is old, requests and deadlines included. */
export const pauseWorker: Fault = {
  name: 'pause-worker',
  draw(random) {
    const forMs = drawMs(random, 200, random.below(3) === 0 ? 14_000 : 3_000)
    return {
      label: `for ${forMs} ms`,
      async run({ link }) {
        const pid = await link.workerPid()
        if (pid !== null) await pause(pid, forMs)
      },
    }
  },
}
