import type { Writable } from 'node:stream'
import { type ErrorStyle, renderError } from './render-error.ts'
import { type Palette, paletteFor } from './terminal/color.ts'
import { type Column, renderTable } from './terminal/table.ts'

export const outputFormats = ['table', 'json', 'yaml'] as const
export type OutputFormat = (typeof outputFormats)[number]

/** A stream that may be a terminal. */
export type Stream = Writable & { readonly isTTY?: boolean; readonly columns?: number }

export type OutputOptions = {
  readonly stdout: Stream
  readonly stderr: Stream
  readonly format: OutputFormat
  readonly color: boolean
  readonly debug: boolean
}

/**
 * Where a command's words go. Results go to stdout in the format asked for; notes, progress and errors go to
 * stderr. `-o json` and `-o yaml` print exactly one document on stdout.
 */
export class Output {
  readonly format: OutputFormat
  /** For stdout; paints nothing where colour is off or the format is not for people. */
  readonly palette: Palette
  readonly stdout: Stream
  readonly stderr: Stream
  readonly #errorStyle: ErrorStyle
  readonly #color: boolean

  constructor(options: OutputOptions) {
    this.format = options.format
    this.stdout = options.stdout
    this.stderr = options.stderr
    this.#color = options.color && options.format === 'table'
    this.palette = paletteFor(this.#color)
    this.#errorStyle = {
      format: options.format === 'json' ? 'json' : 'text',
      debug: options.debug,
      palette: paletteFor(options.color && options.stderr.isTTY === true),
    }
  }

  /** True where a person watches: live tables and questions make sense. */
  get isInteractive(): boolean {
    return this.format === 'table' && this.stdout.isTTY === true
  }

  /** One line of a result for people. */
  line(text = ''): void {
    this.stdout.write(`${text}\n`)
  }

  /** A list: a table for people, the rows as they are for programs. `empty` is said instead of an empty table. */
  async rows<Row>(rows: readonly Row[], columns: readonly Column<Row>[], empty: string): Promise<void> {
    if (this.format !== 'table') return this.#document(rows)
    if (rows.length === 0) return this.note(empty)
    for (const line of this.table(rows, columns)) this.line(line)
  }

  /** One thing: `value` for programs, what `describe` prints for people. */
  async value(value: unknown, describe: () => void): Promise<void> {
    if (this.format !== 'table') return this.#document(value)
    describe()
  }

  /** The lines of a table, fitted to this terminal. */
  table<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string[] {
    return renderTable(rows, columns, {
      columns: this.stdout.isTTY ? (this.stdout.columns ?? 80) : null,
      color: this.#color,
      paintTitle: this.palette.dim,
    })
  }

  /** `name: value` lines, aligned. */
  fields(fields: readonly (readonly [name: string, value: string])[]): void {
    const width = Math.max(...fields.map(([name]) => name.length))
    for (const [name, value] of fields) this.line(`${this.palette.dim(`${name}:`.padEnd(width + 2))}${value}`)
  }

  /** Something worth knowing that is no result; silent where a program reads. */
  note(text: string): void {
    if (this.format === 'table') this.stderr.write(`${text}\n`)
  }

  /** An error that does not end the command. */
  problem(error: unknown): void {
    this.stderr.write(`${renderError(error, this.#errorStyle)}\n`)
  }

  async #document(value: unknown): Promise<void> {
    if (this.format === 'json') return this.line(JSON.stringify(value, null, 2))
    const { stringify } = await import('yaml')
    // The detour through JSON applies toJSON: a Secret must print redacted in every format.
    this.stdout.write(stringify(JSON.parse(JSON.stringify(value))))
  }
}
