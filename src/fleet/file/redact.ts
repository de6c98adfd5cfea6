import { editDistance } from './suggest.ts'
import type { Span, TreeNode } from './tree.ts'

/** Keys whose value is a secret, and keys of the same sections whose value may be shown. */
const SECRET_KEYS = [
  'password',
  'keyPassword',
  'token',
  'key',
  'secret',
  'passphrase',
  'credentials',
] as const
const SECRET_PARTS = /pass|secret|token|credential|pwd|jaas|private/i
const GUARDED_SECTIONS = ['sasl', 'tls']
const SHOWN_IN_SECTIONS = ['mechanism', 'username', 'ca', 'certificate', 'serverName']
const REFERENCE = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:\S+)$/

const REDACTED = '[redacted]'

/** What must not be shown of a file. `strict` is for text that is not YAML, where places are not known. */
export type SecretSpots = { readonly spans: readonly Span[]; readonly strict: boolean }

/** Nothing is known about the places of values: lines are judged by their words alone. */
export const placesUnknown: SecretSpots = { spans: [], strict: true }

/** Where the file holds values that are, or might be meant as, secrets. References (env:, file:) may be shown. */
export function secretSpots(root: TreeNode): SecretSpots {
  const spans: Span[] = []
  for (const [section, node] of root.children) {
    // Names of clusters and links are no keys: `tokyo` is near to `token`.
    const named = section === 'clusters' || section === 'links'
    for (const child of named ? node.children.values() : []) visit(child, null, false, spans)
    if (!named || node.children.size === 0) visit(node, named ? null : String(section), false, spans)
  }
  return { spans, strict: false }
}

function visit(node: TreeNode, key: string | null, guarded: boolean, spans: Span[]): void {
  const section = key !== null && isGuardedSection(key)
  const secret = key !== null && (isSecretKey(key) || (guarded && !SHOWN_IN_SECTIONS.includes(key)))
  if (node.children.size === 0 || (secret && !section)) {
    const reference = typeof node.value === 'string' && REFERENCE.test(node.value)
    if ((secret || section || guardedItem(key, guarded)) && !reference) spans.push(node.span)
    return
  }
  for (const [childKey, child] of node.children) {
    visit(child, typeof childKey === 'string' ? childKey : null, guarded || section, spans)
  }
}

/** A list inside `sasl` or `tls` has no keys to judge by. */
function guardedItem(key: string | null, guarded: boolean): boolean {
  return key === null && guarded
}

function isGuardedSection(key: string): boolean {
  return GUARDED_SECTIONS.some((section) => editDistance(key, section) <= 1)
}

function isSecretKey(key: string): boolean {
  if (SHOWN_IN_SECTIONS.includes(key)) return false
  return (
    SECRET_PARTS.test(key) ||
    SECRET_KEYS.some((known) => editDistance(key, known) <= (known.length > 3 ? 2 : 1))
  )
}

type Line = {
  readonly text: string
  readonly lineStart: number
  readonly lineEnd: number
  readonly span: Span
}
type ShownLine = { readonly line: string; readonly from: number; readonly to: number }

/** The line with its secrets replaced, and where the marked part stands in it now (columns from 0). */
export function redact(line: Line, secrets: SecretSpots): ShownLine {
  const { text, lineStart, lineEnd, span } = line
  const source = text.slice(lineStart, lineEnd)
  const covered = disjoint(
    [
      ...secrets.spans,
      ...(secrets.strict ? strictSpans(text, lineStart, source) : []),
      ...userInfoSpans(source, lineStart),
    ].map(({ start, end }) => ({
      start: Math.max(start, lineStart) - lineStart,
      end: Math.min(end, lineEnd) - lineStart,
    })),
  )
  let shown = ''
  let at = 0
  for (const { start, end } of covered) {
    shown += source.slice(at, start) + REDACTED
    at = end
  }
  const from = shownPosition(span.start - lineStart, covered, 0)
  const to = shownPosition(span.end - lineStart, covered, REDACTED.length)
  return { line: shown + source.slice(at), from, to: Math.max(to, from + 1) }
}

/** Spans in order, overlapping ones joined, empty ones dropped. */
function disjoint(spans: readonly Span[]): Span[] {
  const joined: Span[] = []
  for (const span of spans.filter(({ start, end }) => end > start).toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1)
    if (last !== undefined && span.start <= last.end) {
      joined[joined.length - 1] = { start: last.start, end: Math.max(last.end, span.end) }
    } else {
      joined.push(span)
    }
  }
  return joined
}

/** Where a position of the source stands once `covered` is replaced; inside a replaced part: its start + `inside`. */
function shownPosition(position: number, covered: readonly Span[], inside: number): number {
  let shift = 0
  for (const { start, end } of covered) {
    if (position >= end) shift += REDACTED.length - (end - start)
    else if (position > start) return start + shift + inside
  }
  return position + shift
}

/** `user:password@host` in an address. */
function userInfoSpans(source: string, lineStart: number): Span[] {
  const spans: Span[] = []
  for (const match of source.matchAll(/[^\s,"'[\]{}]+@/g)) {
    spans.push({ start: lineStart + match.index, end: lineStart + match.index + match[0].length - 1 })
  }
  return spans
}

/** Text that is not YAML: everything after a key that might hold a secret, and every long word without spaces. */
function strictSpans(text: string, lineStart: number, source: string): Span[] {
  const spans: Span[] = []
  const guarded = insideSecretBlock(text, lineStart, source)
  for (const match of source.matchAll(/([\w.-]+)["']?\s*:\s*/g)) {
    const key = match[1]!
    const value = match.index + match[0].length
    const shownValue = SHOWN_IN_SECTIONS.includes(key) || REFERENCE.test(source.slice(value).trim())
    if ((isSecretKey(key) || isGuardedSection(key) || guarded) && !shownValue) {
      spans.push({ start: lineStart + value, end: lineStart + source.length })
    }
  }
  if (guarded && spans.length === 0 && !/:\s*\S/.test(source)) {
    spans.push({ start: lineStart + source.search(/\S|$/), end: lineStart + source.length })
  }
  for (const match of source.matchAll(/[A-Za-z0-9+/=_-]{24,}/g)) {
    spans.push({ start: lineStart + match.index, end: lineStart + match.index + match[0].length })
  }
  return spans
}

/** Whether a less indented line above, up to the top level, opens a section that may hold secrets. */
function insideSecretBlock(text: string, lineStart: number, source: string): boolean {
  let indent = source.search(/\S|$/)
  let end = lineStart - 1
  for (let lines = 0; end > 0 && indent > 0 && lines < LINES_LOOKED_BACK_MAX; lines++) {
    const start = text.lastIndexOf('\n', end - 1) + 1
    const above = text.slice(start, end)
    const aboveIndent = above.search(/\S|$/)
    if (above.trim() !== '' && aboveIndent < indent) {
      const key = /^\s*["']?([\w.-]+)["']?\s*:/.exec(above)?.[1]
      if (key !== undefined && (isSecretKey(key) || isGuardedSection(key))) return true
      indent = aboveIndent
    }
    end = start - 1
  }
  return false
}

const LINES_LOOKED_BACK_MAX = 2_000
