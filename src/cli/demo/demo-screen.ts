import type { Output } from '../output.ts'
import { LiveArea } from '../terminal/progress.ts'
import { type Frame, footLine, frameColumns, plainLine } from './frame.ts'

/** On a pipe a line every few seconds is enough. */
const PLAIN_EVERY_MS = 5_000

/** What the demo shows: a short history, and below it, on a terminal, one calm table that is drawn again and again. */
export class DemoScreen {
  readonly #out: Output
  readonly #live: LiveArea
  #plainAtMs = Number.NEGATIVE_INFINITY

  constructor(out: Output) {
    this.#out = out
    this.#live = new LiveArea(out.stdout)
  }

  heading(title: string, text: string): void {
    this.#print(`${this.#out.palette.bold(title)}\n${text}\n`)
  }

  /** Something is under way; on a pipe it is said once, by `note`. */
  progress(text: string): void {
    if (this.#out.isInteractive) this.#live.draw([this.#out.palette.dim(`  ${text} …`)])
  }

  note(text: string): void {
    this.#print(this.#out.palette.dim(`  ${text}`))
  }

  good(text: string): void {
    this.#print(`${this.#out.palette.good('✓')} ${text}`)
  }

  bad(text: string): void {
    this.#print(`${this.#out.palette.bad('✗')} ${text}`)
  }

  /** Something that was done on purpose to see what happens. */
  blow(text: string): void {
    this.#print(`${this.#out.palette.warn('!')} ${text}`)
  }

  frame(frame: Frame): void {
    if (this.#out.isInteractive) {
      const table = this.#out.table(frame.rows, frameColumns(this.#out.palette))
      this.#live.draw(['', ...table, '', footLine(frame, this.#out.palette)])
    } else if (frame.elapsedMs - this.#plainAtMs >= PLAIN_EVERY_MS) {
      this.#plainAtMs = frame.elapsedMs
      this.#print(plainLine(frame))
    }
  }

  /** Leaves the last table standing as it is. */
  keep(frame: Frame | null): void {
    this.#live.clear()
    if (frame === null || !this.#out.isInteractive) return
    this.#print(['', ...this.#out.table(frame.rows, frameColumns(this.#out.palette)), ''].join('\n'))
  }

  clear(): void {
    this.#live.clear()
  }

  /** The commands to try next. */
  next(commands: readonly (readonly [command: string, what: string])[]): void {
    const width = Math.max(...commands.map(([command]) => command.length))
    const lines = commands.map(
      ([command, what]) => `  ${command.padEnd(width)}   ${this.#out.palette.dim(what)}`,
    )
    this.#print(['', this.#out.palette.bold('Try next'), ...lines].join('\n'))
  }

  /** Programs get one document at the end; the story is for people. */
  #print(text: string): void {
    if (this.#out.format === 'table') this.#live.print(text)
  }
}
