/** One series of an exposition: its labels as written, sorted, and its value. */
export type Series = { readonly labels: Readonly<Record<string, string>>; readonly value: number }

export type Family = { readonly type: string; readonly help: string; readonly series: readonly Series[] }

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*'
const LABEL = /^([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"(,|$)/
const VALUE = /^(?:[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?)|NaN|[+-]Inf)$/

/**
 * Reads Prometheus' text format 0.0.4 as strictly as its writers should write it: HELP and TYPE once and before the
 * samples of each family, families in one piece, no series twice, unit and type suffixes that fit. Throws with the
 * line that breaks a rule.
 */
export function parseExposition(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith('\n')) throw new Error('the last line has no end')
  const families = new Map<string, { type: string; help: string; series: Series[] }>()
  const seen = new Set<string>()
  let current = ''
  let help: { name: string; text: string } | null = null
  for (const [index, line] of text.slice(0, -1).split('\n').entries()) {
    const fail = (why: string): never => {
      throw new Error(`line ${index + 1}: ${why}: ${line}`)
    }
    const meta = new RegExp(`^# (HELP|TYPE) (${NAME}) (.+)$`).exec(line)
    if (meta !== null) {
      const [, kind, name, rest] = meta as unknown as [string, string, string, string]
      if (kind === 'HELP') {
        if (families.has(name)) fail('a second HELP')
        help = { name, text: rest }
        continue
      }
      if (help?.name !== name) fail('a TYPE without its HELP before it')
      if (rest !== 'gauge' && rest !== 'counter') fail('an unknown type')
      if ((rest === 'counter') !== name.endsWith('_total')) fail('counters, and only they, end in _total')
      families.set(name, { type: rest, help: help!.text, series: [] })
      current = name
      continue
    }
    const sample = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`).exec(line)
    if (sample === null) return fail('neither a comment nor a sample')
    const [, name, labelText = '', value] = sample as unknown as [string, string, string | undefined, string]
    if (name !== current) fail('a sample outside of its family')
    if (!VALUE.test(value)) fail('no number')
    const labels = labelsOf(labelText) ?? fail('labels')
    const key = `${name}${JSON.stringify(Object.entries(labels).sort())}`
    if (seen.has(key)) fail('a series twice')
    seen.add(key)
    families.get(name)!.series.push({ labels, value: Number(value.replace('Inf', 'Infinity')) })
  }
  return families
}

function labelsOf(text: string): Record<string, string> | null {
  const labels: Record<string, string> = {}
  let rest = text
  while (rest !== '') {
    const match = LABEL.exec(rest)
    if (match === null || Object.hasOwn(labels, match[1]!)) return null
    labels[match[1]!] = match[2]!.replace(/\\(.)/g, (_, sign) => (sign === 'n' ? '\n' : sign))
    rest = rest.slice(match[0].length)
    if (match[3] === ',' && rest === '') return null
  }
  return labels
}

/** The value of one series, by (some of) its labels; undefined where there is none. */
export function sampleOf(
  families: ReadonlyMap<string, Family>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const family = families.get(name)
  const found = family?.series.find((series) =>
    Object.entries(labels).every(([label, value]) => series.labels[label] === value),
  )
  return found?.value
}
