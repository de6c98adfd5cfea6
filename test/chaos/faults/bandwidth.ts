import type { Fault } from './fault.ts'
import { onNetwork } from './network.ts'

/** A narrow path: frames arrive in small pieces. */
export const bandwidth: Fault = {
  name: 'bandwidth',
  draw(random) {
    const bytesPerSecond = random.pick([8_000, 40_000, 200_000])
    return onNetwork(random, `${bytesPerSecond} B/s`, (proxy) => proxy.become({ bytesPerSecond }))
  },
}
