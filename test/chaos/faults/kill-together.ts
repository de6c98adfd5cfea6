import { kmcOf } from '../world/world.ts'
import { drawBroker, type Fault, KMCS } from './fault.ts'
import { killAndAwait } from './kill-broker.ts'

/** Kills the worker and a broker of each side with -9 in the same moment. */
export const killTogether: Fault = {
  name: 'kill-together',
  draw(random) {
    const which = random.below(KMCS)
    const brokers = [drawBroker(random, 'source'), drawBroker(random, 'destination')]
    return {
      label: `worker of kmc ${which}, ${brokers.map(({ name }) => name).join(', ')}`,
      async run(world, { killed }) {
        await Promise.all([
          ...brokers.map((broker) => killAndAwait(world, broker, killed)),
          kmcOf(world, which)
            .killWorker()
            .then(() => killed('worker')),
        ])
      },
    }
  },
}
