import { drawMs, type Fault } from './fault.ts'
import { onNetwork } from './network.ts'

/** The broker's end of each connection is closed; the link learns it later. */
export const slowClose: Fault = {
  name: 'slow-close',
  draw(random) {
    const afterMs = drawMs(random, 200, 4_000)
    return onNetwork(random, `told after ${afterMs} ms`, (proxy) => proxy.closeSlowly(afterMs))
  },
}
