import { setTimeout as sleep } from 'node:timers/promises'
import type { Random } from '../../kit/fuzz/random.ts'
import type { FaultProxy } from '../proxy/proxy.ts'
import { type SideName, sideNames } from '../world/world.ts'
import { BROKERS_PER_SIDE, type Drawn, drawMs } from './fault.ts'

/** Where on the network something happens: at one broker of a side, or between the link and the whole of it. */
type Place = { readonly side: SideName; readonly broker: number | null; readonly name: string }

function drawPlace(random: Random): Place {
  const side = random.pick(sideNames)
  const broker = random.below(2) === 0 ? null : 1 + random.below(BROKERS_PER_SIDE)
  return { side, broker, name: broker === null ? `all of ${side}` : `${side} broker ${broker}` }
}

/** Does something to the proxies of a place, and heals them after a while. */
export function onNetwork(random: Random, what: string, act: (proxy: FaultProxy) => void): Drawn {
  const { side, broker, name } = drawPlace(random)
  const forMs = drawMs(random, 500, 6_000)
  return {
    label: `${name}, ${what}${what === '' ? '' : ', '}${forMs} ms`,
    async run(world) {
      const proxies = world[side].proxies.filter((_, at) => broker === null || at + 1 === broker)
      for (const proxy of proxies) act(proxy)
      await sleep(forMs)
      for (const proxy of proxies) proxy.heal()
    },
  }
}
