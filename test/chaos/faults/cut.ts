import type { Fault } from './fault.ts'
import { onNetwork } from './network.ts'

/** Connections are reset and new ones refused. */
export const cut: Fault = {
  name: 'cut',
  draw: (random) => onNetwork(random, '', (proxy) => proxy.cut()),
}
