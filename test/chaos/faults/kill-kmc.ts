import { kmcOf } from '../world/world.ts'
import { type Fault, KMCS } from './fault.ts'

/** Kills kmc itself with -9; its worker goes with it. An operator starts it again. */
export const killKmc: Fault = {
  name: 'kill-kmc',
  draw(random) {
    const which = random.below(KMCS)
    return {
      label: `${which}`,
      async run(world, { killed }) {
        await kmcOf(world, which).killSupervisor()
        killed('kmc')
      },
    }
  },
}
