import type { Random } from './random.ts'

type Event = { readonly at: number; readonly tie: number; readonly run: () => void; off: boolean }

/** What is to happen, by virtual time; what happens at the same time comes in an order drawn from the seed. */
class EventHeap {
  readonly #heap: Event[] = []

  get size(): number {
    return this.#heap.length
  }
  peek(): Event | undefined {
    return this.#heap[0]
  }

  push(event: Event): void {
    const heap = this.#heap
    let at = heap.push(event) - 1
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!before(event, heap[parent]!)) break
      heap[at] = heap[parent]!
      at = parent
    }
    heap[at] = event
  }

  pop(): Event | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (first === undefined || last === undefined || heap.length === 0) return first
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= heap.length) break
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++
      if (!before(heap[child]!, last)) break
      heap[at] = heap[child]!
      at = child
    }
    heap[at] = last
    return first
  }
}

function before(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.tie < b.tie)
}

/** Virtual milliseconds at which every run begins, a date of no meaning. */
export const EPOCH_MS = 1_800_000_000_000
/** Steps between two looks at the real event loop, so that signals and timers of the process are served. */
const BREATHE_EVERY = 4_096

/** The one queue of a world. Time stands still while code runs and jumps to the next event when all has settled. */
export class Events {
  readonly #heap = new EventHeap()
  readonly #ties: Random
  #now = 0
  #steps = 0

  constructor(ties: Random) {
    this.#ties = ties
  }

  /** Virtual milliseconds since the beginning, with fractions. */
  get now(): number {
    return this.#now
  }
  get steps(): number {
    return this.#steps
  }

  /** Runs something in `ms`; the function given calls that off. */
  after(ms: number, run: () => void): () => void {
    const event = { at: this.#now + Math.max(0, ms), tie: this.#ties.unit(), run, off: false }
    this.#heap.push(event)
    return () => {
      event.off = true
    }
  }

  /**
   * Lets events happen until `stop` says so or nothing is left. Between two events every promise that can go on has
   * gone on: Node runs a tick only when no microtask is left.
   */
  run(stop: () => boolean, afterStep: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const step = () => {
        try {
          if (this.#steps > 0) afterStep()
          if (stop() || !this.#one()) {
            resolve()
            return
          }
        } catch (error) {
          reject(error)
          return
        }
        if (this.#steps % BREATHE_EVERY === 0) setImmediate(step)
        else queueMicrotask(settled)
      }
      const settled = () => process.nextTick(step)
      settled()
    })
  }

  #one(): boolean {
    for (let event = this.#heap.pop(); event !== undefined; event = this.#heap.pop()) {
      if (event.off) continue
      this.#now = event.at
      this.#steps++
      event.run()
      return true
    }
    return false
  }
}
