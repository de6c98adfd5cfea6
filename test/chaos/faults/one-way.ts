import { directions } from '../proxy/conditions.ts'
import type { Fault } from './fault.ts'
import { onNetwork } from './network.ts'

/** Requests arrive and answers do not, or the other way round; what was held arrives late. */
export const oneWay: Fault = {
  name: 'one-way',
  draw(random) {
    const direction = random.pick(directions)
    return onNetwork(random, `nothing ${direction}`, (proxy) => proxy.become({ held: true }, direction))
  },
}
