import type { SideName, World } from '../world/world.ts'
import { BACK_MS, drawBroker, type Fault, type Told } from './fault.ts'

/** Kills a broker with -9; the engine starts it again. */
export function killBroker(side: SideName): Fault {
  return {
    name: `kill-${side}-broker`,
    draw(random) {
      const { broker, name } = drawBroker(random, side)
      return {
        label: name,
        run: (world, { killed }) => killAndAwait(world, { side, broker }, killed),
      }
    },
  }
}

/** Kills a broker, if it runs, and waits until all of its cluster answer. */
export async function killAndAwait(
  world: World,
  { side, broker }: { readonly side: SideName; readonly broker: number },
  killed: Told['killed'],
): Promise<void> {
  const { cluster } = world[side]
  const before = cluster.pidOf(broker)
  if (!cluster.kill(broker)) return
  killed(`${side} broker`)
  await cluster.awaitAnother(broker, before)
  await cluster.awaitWhole(BACK_MS)
}
