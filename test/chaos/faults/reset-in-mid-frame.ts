import { directions } from '../proxy/conditions.ts'
import type { Fault } from './fault.ts'
import { onNetwork } from './network.ts'

/** Connections are reset after a part of what they carry: half a request arrives, or half an answer. */
export const resetInMidFrame: Fault = {
  name: 'reset-in-mid-frame',
  draw(random) {
    const direction = random.pick(directions)
    return onNetwork(random, direction, (proxy) => proxy.resetInMidFrame(direction))
  },
}
