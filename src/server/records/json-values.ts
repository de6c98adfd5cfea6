import { serverError } from '../errors.ts'

const OPEN: ReadonlySet<number> = new Set([0x7b, 0x5b])
const CLOSE: ReadonlySet<number> = new Set([0x7d, 0x5d])
const BLANK: ReadonlySet<number> = new Set([0x20, 0x09, 0x0a, 0x0d])
const QUOTE = 0x22
const ESCAPE = 0x5c

/**
 * Cuts concatenated JSON objects apart without parsing them: bytes go in as they come, whole objects come out. What is
 * cut out may still be no JSON; what cannot begin an object is refused at once.
 */
export class JsonValues {
  readonly #bytesMax: number
  #parts: Buffer[] = []
  #bytes = 0
  #depth = 0
  #isText = false
  #isEscaped = false

  /** `bytesMax`: of one object. */
  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax
  }

  /** The objects that end in these bytes. @throws REQUEST_INVALID */
  push(chunk: Buffer): Buffer[] {
    const whole: Buffer[] = []
    let start = 0
    for (let at = 0; at < chunk.length; at += 1) {
      if (this.#depth === 0) {
        start = at
        this.#begin(chunk[at]!)
      } else if (this.#endsAt(chunk[at]!)) {
        whole.push(this.#take(chunk.subarray(start, at + 1)))
        start = at + 1
      }
    }
    if (this.#depth > 0) this.#keep(chunk.subarray(start))
    return whole
  }

  /** @throws REQUEST_INVALID in the middle of an object */
  end(): void {
    if (this.#depth > 0) throw serverError('REQUEST_INVALID', 'the body ends in the middle of a JSON object')
  }

  #begin(byte: number): void {
    if (BLANK.has(byte)) return
    if (byte !== 0x7b) throw serverError('REQUEST_INVALID', 'the body is not a row of JSON objects')
    this.#depth = 1
  }

  #endsAt(byte: number): boolean {
    if (this.#isEscaped) this.#isEscaped = false
    else if (this.#isText) {
      if (byte === ESCAPE) this.#isEscaped = true
      else if (byte === QUOTE) this.#isText = false
    } else if (byte === QUOTE) this.#isText = true
    else if (OPEN.has(byte)) this.#depth += 1
    else if (CLOSE.has(byte)) this.#depth -= 1
    return this.#depth === 0
  }

  #take(last: Buffer): Buffer {
    this.#keep(last)
    const value = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
    this.#parts = []
    this.#bytes = 0
    return value
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length
    if (this.#bytes > this.#bytesMax) {
      throw serverError('REQUEST_INVALID', `a JSON object of the body is larger than ${this.#bytesMax} bytes`)
    }
    this.#parts.push(part)
  }
}
