/** Smaller frames cost less from the ordinary allocator than they would block here. */
const POOLED_BYTES_MIN = 256 * 1024
/** Kept for the next frames; more than these only when several are held at once. */
const FREE_SLABS_MAX = 4

/**
 * Memory for large frames that is used again, instead of leaving each to the garbage collector: that one would run for
 * every few dozen megabytes received. A frame begins with one holder, its receiver; whoever keeps a view of it for
 * longer holds it too, and when the last has let go the memory serves another frame. Who forgets to let go does no
 * harm: such a frame is garbage like any other.
 */
export class FramePool {
  readonly #slabBytes: number
  readonly #free: ArrayBuffer[] = []
  readonly #holders = new WeakMap<ArrayBufferLike, { count: number }>()

  /** `slabBytes`: the largest frame that is pooled. */
  constructor(slabBytes: number) {
    this.#slabBytes = slabBytes
  }

  /** A buffer of this size; its content is whatever was there. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes < POOLED_BYTES_MIN || sizeBytes > this.#slabBytes) return Buffer.allocUnsafe(sizeBytes)
    const slab = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#slabBytes).buffer
    this.#holders.set(slab, { count: 1 })
    return Buffer.from(slab, 0, sizeBytes)
  }

  /** One more holder of the frame that `view` lies in. Views of other memory may be given and are left alone. */
  hold(view: Buffer): void {
    const holders = this.#holders.get(view.buffer)
    if (holders !== undefined) holders.count++
  }

  /** One holder fewer: it must not look at its view any more, nor may a socket still be writing it. */
  release(view: Buffer): void {
    const slab = view.buffer
    const holders = this.#holders.get(slab)
    if (holders === undefined || --holders.count > 0) return
    this.#holders.delete(slab)
    if (this.#free.length < FREE_SLABS_MAX) this.#free.push(slab as ArrayBuffer)
  }
}
