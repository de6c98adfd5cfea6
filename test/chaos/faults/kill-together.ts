import { kmcOf } from '../world/world.ts'
import { BACK_MS, drawBroker, type Fault, KMCS } from './fault.ts'

/** Kills the worker and a broker of each side with -9 in the same moment. */
export const killTogether: Fault = {
  name: 'kill-together',
  draw(random) {
    const which = random.below(KMCS)
    const brokers = [drawBroker(random, 'source'), drawBroker(random, 'destination')]
    return {
      label: `worker of kmc ${which}, ${brokers.map(({ name }) => name).join(', ')}`,
      async run(world, { killed }) {
        const gone = brokers.map(async ({ side, broker }) => {
          const { cluster } = world[side]
          const before = cluster.pidOf(broker)
          if (!cluster.kill(broker)) return
          killed(`${side} broker`)
          await cluster.awaitAnother(broker, before)
          await cluster.awaitWhole(BACK_MS)
        })
        await Promise.all([
          ...gone,
          kmcOf(world, which)
            .killWorker()
            .then(() => killed('worker')),
        ])
      },
    }
  },
}
