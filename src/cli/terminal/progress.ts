import type { Writable } from 'node:stream'
import { stripVTControlCharacters } from 'node:util'
import { textWidth, truncate } from './text-width.ts'

const FRAMES_PER_SECOND_MAX = 10

/**
 * Lines at the bottom of a terminal that are drawn again and again while other output scrolls above them. On a pipe
 * it draws nothing: the caller says the same in plain lines now and then.
 */
export class LiveArea {
  readonly #stream: Writable & { readonly isTTY?: boolean; readonly columns?: number }
  #drawnLines = 0
  #drawnAtMs = 0
  #lines: readonly string[] = []
  #timer: NodeJS.Timeout | undefined

  constructor(stream: Writable & { readonly isTTY?: boolean; readonly columns?: number }) {
    this.#stream = stream
  }

  get isLive(): boolean {
    return this.#stream.isTTY === true
  }

  /** Shows `lines` instead of what stood there; at most ten times a second, the newest always wins. */
  draw(lines: readonly string[]): void {
    if (!this.isLive) return
    this.#lines = lines
    const dueInMs = this.#drawnAtMs + 1000 / FRAMES_PER_SECOND_MAX - Date.now()
    if (dueInMs <= 0) this.#drawNow()
    else this.#timer ??= setTimeout(() => this.#drawNow(), dueInMs).unref()
  }

  /** Prints finished lines above the live ones. */
  print(text: string): void {
    this.#erase()
    this.#stream.write(`${text}\n`)
    if (this.isLive) this.#drawNow()
  }

  /** Takes the live lines away. */
  clear(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#lines = []
    this.#erase()
  }

  #drawNow(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const columns = this.#stream.columns ?? 80
    const text = this.#lines.map((line) => `${fitted(line, columns - 1)}\n`).join('')
    this.#stream.write(this.#eraser() + text)
    this.#drawnLines = this.#lines.length
    this.#drawnAtMs = Date.now()
  }

  #erase(): void {
    if (this.#drawnLines > 0) this.#stream.write(this.#eraser())
    this.#drawnLines = 0
  }

  /** To the first column (a terminal echoes ^C), up over the drawn lines, then clear to the end of the screen. */
  #eraser(): string {
    return this.#drawnLines === 0 ? '' : `\r\u001b[${this.#drawnLines}A\u001b[0J`
  }
}

/** A line that is too long loses its colours: cutting between them would leave one switched on. */
function fitted(line: string, columns: number): string {
  return textWidth(line) <= columns ? line : truncate(stripVTControlCharacters(line), columns)
}
