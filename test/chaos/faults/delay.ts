import { drawMs, type Fault } from './fault.ts'
import { onNetwork } from './network.ts'

/** Everything takes longer, and not always as long. */
export const delay: Fault = {
  name: 'delay',
  draw(random) {
    const delayMs = drawMs(random, 20, 400)
    const jitterMs = random.below(delayMs)
    const what = `${delayMs} ms late, ${jitterMs} ms jitter`
    return onNetwork(random, what, (proxy) => proxy.become({ delayMs, jitterMs }))
  },
}
