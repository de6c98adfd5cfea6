import { setImmediate } from 'node:timers/promises'
import { nowMs } from '../../client/clock.ts'

/** How long work on one cluster may hold up everything else in the process. */
const SPELL_MS = 10

/** Lets others go on between the items of long work: `await breather.rest()` is free until a spell is over. */
export class Breather {
  #since = nowMs()

  async rest(): Promise<void> {
    if (nowMs() - this.#since < SPELL_MS) return
    await setImmediate()
    this.#since = nowMs()
  }
}
