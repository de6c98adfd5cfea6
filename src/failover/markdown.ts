/** Markdown of plans and receipts; every text is taken as text, whatever a topic is called. */

/** A table; empty without rows. */
export function markdownTable(columns: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(markdownText).join(' | ')} |`
  return [line(columns), `|${columns.map(() => '---|').join('')}`, ...rows.map(line)].join('\n')
}

/** A table under a heading; nothing at all without rows. */
export function markdownSection(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  return rows.length === 0 ? '' : `## ${title}\n\n${markdownTable(columns, rows)}`
}

export function markdownList(title: string, items: readonly string[]): string {
  return items.length === 0
    ? ''
    : `## ${title}\n\n${items.map((text) => `- ${markdownText(text)}`).join('\n')}`
}

/** Parts with an empty line between them. */
export function markdownPage(parts: readonly string[]): string {
  return `${parts.filter((part) => part !== '').join('\n\n')}\n`
}

/** What would end a cell, or begin markup, is taken as text. */
export function markdownText(text: string): string {
  return text.replace(/[\\|<>`*_[\]]/g, '\\$&').replace(/\s*\n\s*/g, ' ')
}

type Amount = {
  readonly records: number | null
  readonly bytes: number | null
  readonly seconds: number | null
}

/** `1,204 records, about 1,300,000 bytes, 2.1 s`. */
export function amountWords({ records, bytes, seconds }: Amount): string {
  if (records === null) return 'not known'
  if (records === 0) return 'nothing'
  const parts = [
    `${records.toLocaleString('en-US')} ${records === 1 ? 'record' : 'records'}`,
    ...(bytes === null ? [] : [`about ${bytes.toLocaleString('en-US')} bytes`]),
    ...(seconds === null ? [] : [`${seconds.toFixed(1)} s`]),
  ]
  return parts.join(', ')
}
