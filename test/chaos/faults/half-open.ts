import type { Fault } from './fault.ts'
import { onNetwork } from './network.ts'

/** The broker's end of each connection is gone and the link is never told: only its own deadlines help. */
export const halfOpen: Fault = {
  name: 'half-open',
  draw: (random) => onNetwork(random, '', (proxy) => proxy.leaveHalfOpen()),
}
