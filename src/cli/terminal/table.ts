import { pad, textWidth, truncate } from './text-width.ts'

/** One column of a table of `Row`s. */
export type Column<Row> = {
  readonly title: string
  /** The cell's text, uncoloured; `null` (not known, does not apply) prints as `-`. */
  readonly value: (row: Row) => string | number | null
  /** Numbers stand right, texts left. */
  readonly align?: 'left' | 'right'
  /** Colours the finished cell; not called where there is no colour. */
  readonly paint?: (text: string, row: Row) => string
  /** May be cut with `…` when the terminal is too narrow. */
  readonly shrink?: boolean
}

export type TableOptions = {
  /** The terminal's width; `null` on a pipe, where nothing is ever cut. */
  readonly columns: number | null
  readonly color: boolean
  /** Colours the line of titles. */
  readonly paintTitle?: (text: string) => string
}

const COLUMN_GAP = '  '
const SHRUNK_WIDTH_MIN = 8

/** Lines of an aligned table, without line ends. A table without rows is its titles alone. */
export function renderTable<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  options: TableOptions,
): string[] {
  const cells = rows.map((row) => columns.map((column) => cellText(column.value(row))))
  const widths = columns.map((column, index) =>
    Math.max(textWidth(column.title), ...cells.map((line) => textWidth(line[index]!))),
  )
  if (options.columns !== null) shrinkToFit(widths, columns, options.columns)
  const line = (texts: readonly string[], paint: (text: string, index: number) => string): string =>
    texts
      .map((text, index) => {
        const fitted = truncate(text, widths[index]!)
        const padded = pad(fitted, widths[index]!, columns[index]!.align ?? 'left')
        return paint(index === texts.length - 1 && columns[index]!.align !== 'right' ? fitted : padded, index)
      })
      .join(COLUMN_GAP)
      .trimEnd()
  const titles = line(
    columns.map((column) => column.title.toUpperCase()),
    (text) => (options.color && options.paintTitle ? options.paintTitle(text) : text),
  )
  const body = cells.map((texts, rowIndex) =>
    line(texts, (text, index) => {
      const paint = columns[index]!.paint
      return options.color && paint ? paint(text, rows[rowIndex]!) : text
    }),
  )
  return [titles, ...body]
}

function cellText(value: string | number | null): string {
  if (value === null) return '-'
  return typeof value === 'number' ? groupDigits(value) : value
}

/** 1234567 as 1,234,567: offsets are long and are compared by eye. */
export function groupDigits(value: number): string {
  return Number.isInteger(value) ? value.toLocaleString('en-US') : String(value)
}

/** Takes columns from the widest shrinkable cell until the line fits or nothing may be taken. */
function shrinkToFit<Row>(widths: number[], columns: readonly Column<Row>[], available: number): void {
  const total = () => widths.reduce((sum, width) => sum + width, 0) + COLUMN_GAP.length * (widths.length - 1)
  while (total() > available) {
    let widest = -1
    for (const [index, column] of columns.entries()) {
      if (!column.shrink || widths[index]! <= SHRUNK_WIDTH_MIN) continue
      if (widest < 0 || widths[index]! > widths[widest]!) widest = index
    }
    if (widest < 0) return
    widths[widest]! -= 1
  }
}
