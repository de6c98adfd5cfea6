import { choose, type Fault } from './fault.ts'

/** kill -9: what it had sent is still on its way, and all else must come from the destination's log. */
const crash: Fault = {
  kind: 'crash',
  inject: (world, { a, b }) => {
    const worker = choose(
      world.workers.filter(({ alive }) => alive),
      a,
    )
    if (worker === undefined) return
    worker.kill()
    const zombieMs = b < 0.5 ? b * 1_000 : null
    for (const network of Object.values(world.networks))
      network.cut(({ owner }) => owner === worker, zombieMs)
  },
}

/** SIGSTOP, and SIGCONT much later: it wakes with requests in hand, maybe after another one has taken over. */
const pause: Fault = {
  kind: 'pause',
  inject: (world, { a, b, ms }) => {
    const worker = choose(
      world.workers.filter(({ alive }) => alive),
      a,
    )
    if (worker === undefined) return
    worker.pause()
    world.events.after(ms * (b < 0.5 ? 4 : 1), () => worker.wake())
  },
}

/** Somebody starts a second worker of the link. */
const second: Fault = {
  kind: 'second-worker',
  inject: (world) => {
    world.startWorker()
  },
}

const clockJump: Fault = {
  kind: 'clock-jump',
  inject: (world, { a, b }) => {
    const worker = world.worker
    if (worker !== null) worker.skewMs += (a < 0.5 ? -1 : 1) * b * 3_600_000
  },
}

export const workerFaults = [crash, pause, second, clockJump]
