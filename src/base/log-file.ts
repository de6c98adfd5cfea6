import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'

const LOG_FILE_BYTES_MAX = 8 * 1024 * 1024

/**
 * A log that cannot fill a disk: appended to until it holds `bytesMax`, then moved to `<path>.1` (whose older text
 * is gone) and begun anew. Writes are synchronous, so that the last line before a crash is there. Fits `jsonLog`.
 */
export class LogFile {
  readonly #path: string
  readonly #bytesMax: number
  #file: number
  #bytes: number
  #isClosed = false

  constructor(path: string, bytesMax = LOG_FILE_BYTES_MAX) {
    mkdirSync(dirname(path), { recursive: true })
    this.#path = path
    this.#bytesMax = bytesMax
    this.#file = openSync(path, 'a', 0o600)
    this.#bytes = fstatSync(this.#file).size
  }

  /** What comes after `close` is dropped: something that ended may still have a last word. */
  write(text: string): void {
    if (this.#isClosed) return
    const bytes = Buffer.from(text)
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.#bytesMax) this.#rotate()
    this.#bytes += writeSync(this.#file, bytes)
  }

  close(): void {
    this.#isClosed = true
    closeSync(this.#file)
  }

  #rotate(): void {
    closeSync(this.#file)
    renameSync(this.#path, `${this.#path}.1`)
    this.#file = openSync(this.#path, 'a', 0o600)
    this.#bytes = 0
  }
}
