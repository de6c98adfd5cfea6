import { plainMemory, type RecordsMemory } from '../port.ts'

/** A batch that goes over as it is once its header is rewritten. */
export type BatchPiece = {
  readonly kind: 'batch'
  readonly offset: number
  readonly count: number
  readonly bytes: Buffer
  /** Timestamp of its first record, milliseconds; tells how late the mirror is. */
  readonly timestamp: number
}

/** Offsets that no reader at the source sees (KIP-98 markers, aborted, compacted): filled with markers. */
export type GapPiece = { readonly kind: 'gap'; readonly offset: number; readonly count: number }

export type Piece = BatchPiece | GapPiece

/** What waits to be sent for one partition, in offset order without holes; neighbouring gaps are one. */
export class PieceQueue {
  readonly #memory: RecordsMemory
  #pieces: Piece[] = []
  #head = 0
  #bytes = 0

  constructor(memory: RecordsMemory = plainMemory) {
    this.#memory = memory
  }

  get bytes(): number {
    return this.#bytes
  }

  get length(): number {
    return this.#pieces.length - this.#head
  }

  first(): Piece | undefined {
    return this.#pieces[this.#head]
  }

  /** The piece that stands at this place of the queue. */
  at(index: number): Piece | undefined {
    return this.#pieces[this.#head + index]
  }

  /** Its memory is held until whoever takes it releases it. */
  pushBatch(piece: BatchPiece): void {
    this.#memory.hold(piece.bytes)
    this.#pieces.push(piece)
    this.#bytes += piece.bytes.length
  }

  pushGap(offset: number, count: number): void {
    const last = this.length > 0 ? this.#pieces.at(-1) : undefined
    if (last?.kind === 'gap') {
      this.#pieces[this.#pieces.length - 1] = { ...last, count: last.count + count }
    } else {
      this.#pieces.push({ kind: 'gap', offset, count })
    }
  }

  /** Removes up to `countMax` offsets of the gap that stands first; null when a batch or nothing does. */
  takeGap(countMax: number): GapPiece | null {
    const first = this.first()
    if (first?.kind !== 'gap') return null
    if (first.count <= countMax) {
      this.shift()
      return first
    }
    const rest = { kind: 'gap', offset: first.offset + countMax, count: first.count - countMax } as const
    this.#pieces[this.#head] = rest
    return { ...first, count: countMax }
  }

  shift(): Piece | undefined {
    const piece = this.#pieces[this.#head]
    if (piece === undefined) return undefined
    this.#head++
    if (piece.kind === 'batch') this.#bytes -= piece.bytes.length
    if (this.#head > 256 && this.#head * 2 > this.#pieces.length) {
      this.#pieces = this.#pieces.slice(this.#head)
      this.#head = 0
    }
    return piece
  }

  clear(): void {
    for (let piece = this.shift(); piece !== undefined; piece = this.shift()) {
      if (piece.kind === 'batch') this.#memory.release(piece.bytes)
    }
    this.#pieces = []
    this.#head = 0
    this.#bytes = 0
  }
}
