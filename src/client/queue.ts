/** First in, first out, without moving the rest at each `shift`. */
export class Queue<T> implements Iterable<T> {
  #items: T[] = []
  #head = 0

  get size(): number {
    return this.#items.length - this.#head
  }

  push(item: T): void {
    this.#items.push(item)
  }

  peek(): T | undefined {
    return this.#items[this.#head]
  }

  shift(): T | undefined {
    if (this.size === 0) return undefined
    const item = this.#items[this.#head++]
    // Half of the array is used up: dropping that half now costs one move per item over its life.
    if (this.#head * 2 >= this.#items.length) {
      this.#items.splice(0, this.#head)
      this.#head = 0
    }
    return item
  }

  /** Takes an item out of the middle; does nothing when it is not there. */
  remove(item: T): void {
    const index = this.#items.indexOf(item, this.#head)
    if (index >= 0) this.#items.splice(index, 1)
  }

  *[Symbol.iterator](): Iterator<T> {
    for (let at = this.#head; at < this.#items.length; at++) yield this.#items[at]!
  }
}
