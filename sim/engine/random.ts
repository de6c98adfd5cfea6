/** Seeded randomness (sfc32): the same seed gives the same numbers on every machine. */
export class Random {
  readonly #seed: number
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number) {
    this.#seed = seed | 0
    this.#a = mix(seed)
    this.#b = mix(this.#a ^ 0x9e3779b9)
    this.#c = mix(this.#b ^ 0x85ebca6b)
    for (let i = 0; i < 8; i++) this.#next()
  }

  /** Another stream, which depends on the seed and the label alone: what one part draws does not disturb another. */
  fork(label: string): Random {
    let hash = this.#seed ^ 0x811c9dc5
    for (let i = 0; i < label.length; i++) hash = Math.imul(hash ^ label.charCodeAt(i), 0x01000193)
    return new Random(mix(hash))
  }

  /** From 0 up to, but not including, 1. */
  unit(): number {
    return this.#next() / 2 ** 32
  }
  /** An integer from 0 up to, but not including, `below`. */
  below(below: number): number {
    return Math.floor(this.unit() * below)
  }
  /** An integer, both ends included. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1)
  }
  chance(probability: number): boolean {
    return this.unit() < probability
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)]!
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter++) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return sum >>> 0
  }
}

function mix(value: number): number {
  let h = value | 0
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad)
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97)
  return (h ^ (h >>> 15)) | 0
}
