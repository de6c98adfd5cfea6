import type { Clock } from '../../base/clock.ts'

/** Lets one loop wait until something happens, or a time has passed; a signal given early is not lost. */
export class Signal {
  #wake: (() => void) | null = null
  #given = false

  give(): void {
    this.#given = true
    this.#wake?.()
  }

  async wait(ms: number, clock: Clock): Promise<void> {
    if (!this.#given) {
      // Not Clock.sleep with an AbortSignal: aborting thousands of times a second cost a tenth of a busy link's CPU.
      await new Promise<void>((resolve) => {
        const callOff = clock.after(ms, resolve)
        this.#wake = () => {
          callOff()
          resolve()
        }
      })
      this.#wake = null
    }
    this.#given = false
  }
}
