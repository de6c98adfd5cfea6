/** Smaller frames cost less from the ordinary allocator than they would block here. */
const POOLED_BYTES_MIN = 256 * 1024
/** Kept for the next frames beside the open one; more than these only when several are held at once. */
const FREE_SLABS_MAX = 3

/** Several frames, one behind the other. `frames` are those that somebody holds. */
type Slab = { readonly memory: ArrayBuffer; usedBytes: number; readonly frames: Frame[] }
type Frame = { readonly start: number; readonly end: number; holders: number }

/**
 * Memory for large frames that is used again, instead of leaving each to the garbage collector: that one would run for
 * every few dozen megabytes received. A frame begins with one holder, its receiver; whoever keeps a view of it for
 * longer holds it too, and when the last has let go of all frames of a slab it serves others. Who forgets to let go
 * does no harm: such a slab is garbage like any other.
 */
export class FramePool {
  readonly #slabBytes: number
  readonly #free: Slab[] = []
  readonly #inUse = new WeakMap<ArrayBufferLike, Slab>()
  /** The next frame goes into it if it fits: small ones share a slab, or each would keep a whole one from use. */
  #open: Slab | null = null

  /** `slabBytes`: the largest frame that is pooled. */
  constructor(slabBytes: number) {
    this.#slabBytes = slabBytes
  }

  /** A buffer of this size; its content is whatever was there. */
  take(sizeBytes: number): Buffer {
    if (sizeBytes < POOLED_BYTES_MIN || sizeBytes > this.#slabBytes) return Buffer.allocUnsafe(sizeBytes)
    const slab = this.#slabFor(sizeBytes)
    const start = slab.usedBytes
    slab.usedBytes += sizeBytes
    slab.frames.push({ start, end: slab.usedBytes, holders: 1 })
    return Buffer.from(slab.memory, start, sizeBytes)
  }

  /** One more holder of the frame that `view` lies in. Views of other memory may be given and are left alone. */
  hold(view: Buffer): void {
    const frame = frameOf(this.#inUse.get(view.buffer), view)
    if (frame) frame.holders++
  }

  /** One holder fewer: it must not look at its view any more, nor may a socket still be writing it. */
  release(view: Buffer): void {
    const slab = this.#inUse.get(view.buffer)
    const frame = frameOf(slab, view)
    if (slab === undefined || frame === undefined || --frame.holders > 0) return
    slab.frames.splice(slab.frames.indexOf(frame), 1)
    if (slab.frames.length > 0) return
    slab.usedBytes = 0
    if (slab !== this.#open) this.#putBack(slab)
  }

  #slabFor(sizeBytes: number): Slab {
    const open = this.#open
    if (open !== null && this.#slabBytes - open.usedBytes >= sizeBytes) return open
    const slab = this.#free.pop() ?? newSlab(this.#slabBytes)
    this.#inUse.set(slab.memory, slab)
    this.#open = slab
    return slab
  }

  #putBack(slab: Slab): void {
    this.#inUse.delete(slab.memory)
    if (this.#free.length < FREE_SLABS_MAX) this.#free.push(slab)
  }
}

function newSlab(sizeBytes: number): Slab {
  return { memory: Buffer.allocUnsafeSlow(sizeBytes).buffer, usedBytes: 0, frames: [] }
}

function frameOf(slab: Slab | undefined, { byteOffset }: Buffer): Frame | undefined {
  return slab?.frames.find(({ start, end }) => start <= byteOffset && byteOffset < end)
}
