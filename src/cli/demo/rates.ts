import type { Sample } from './sides.ts'

const WINDOW_MS = 4_000

/** Offsets per second on both sides of each topic, over the last few seconds. */
export class Rates {
  #samples: Sample[] = []

  note(sample: Sample): void {
    this.#samples.push(sample)
    while (this.#samples.length > 2 && sample.at - this.#samples[0]!.at > WINDOW_MS) this.#samples.shift()
  }

  /** null as long as there is nothing to compare with. */
  of(topic: string, side: 'source' | 'destination'): number | null {
    const first = this.#samples[0]
    const last = this.#samples.at(-1)
    if (first === undefined || last === undefined || last.at <= first.at) return null
    const [was, is] = [endOf(first, topic, side), endOf(last, topic, side)]
    return was === null || is === null ? null : Math.max(0, ((is - was) * 1000) / (last.at - first.at))
  }
}

function endOf(sample: Sample, topic: string, side: 'source' | 'destination'): number | null {
  return sample.topics.find((one) => one.topic === topic)?.[side] ?? null
}
