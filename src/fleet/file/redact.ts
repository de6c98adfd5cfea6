import { everyKey } from './keys.ts'
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
const SECRET_PARTS = /pass|secret|token|credential|pwd|jaas|private|hook|authori[sz]/i
const GUARDED_SECTIONS = ['sasl', 'tls']
const SHOWN_IN_SECTIONS = [
  'mechanism',
  'mechanisms',
  'username',
  'users',
  'as',
  'ca',
  'clientCa',
  'certificate',
  'serverName',
]
const REFERENCE = /^(env:[A-Za-z_][A-Za-z0-9_]*|file:\S+)$/

const REDACTED = '[redacted]'

/** What must not be shown of a file. `strict` is for text that is not all YAML, where places are not known. */
export type SecretSpots = { readonly spans: readonly Span[]; readonly strict: boolean }

/** Nothing is known about the places of values: lines are judged by their words alone. */
export const placesUnknown: SecretSpots = { spans: [], strict: true }

/**
 * Where the file holds values that are, or might be meant as, secrets. References (env:, file:) may be shown. `strict`
 * when the tree does not hold all that the text does.
 */
export function secretSpots(root: TreeNode, text: string, strict: boolean): SecretSpots {
  const spans: Span[] = []
  for (const [section, node] of root.children) {
    // Names of clusters, links and routes are no keys: `tokyo` is near to `token`.
    const named = section === 'clusters' || section === 'links' || section === 'routes'
    for (const child of named ? node.children.values() : [])
      visit(child, { key: null, guarded: false, text }, spans)
    if (!named || node.children.size === 0) {
      visit(node, { key: named ? null : String(section), guarded: false, text }, spans)
    }
  }
  return { spans, strict }
}

type Place = { readonly key: string | null; readonly guarded: boolean; readonly text: string }

function visit(node: TreeNode, { key, guarded, text }: Place, spans: Span[]): void {
  const section = key !== null && isGuardedSection(key)
  // A list inside `sasl` or `tls` has no keys to judge by.
  const secret = key === null ? guarded : isSecretKey(key) || (guarded && !SHOWN_IN_SECTIONS.includes(key))
  if (key !== null && guarded && !isShownKey(key) && node.keySpan !== null) spans.push(node.keySpan)
  if (node.children.size > 0 && (section || !secret)) {
    for (const [childKey, child] of node.children) {
      visit(
        child,
        { key: typeof childKey === 'string' ? childKey : null, guarded: guarded || section, text },
        spans,
      )
    }
  } else if ((secret || section) && !(typeof node.value === 'string' && REFERENCE.test(node.value))) {
    spans.push(wholeValue(node, text))
  }
}

/** The value with its anchor or tag, which may be the beginning of a password: `&` and `!` are usual in them. */
function wholeValue({ keySpan, span }: TreeNode, text: string): Span {
  if (keySpan === null) return span
  const colon = /^\s*:\s*/.exec(text.slice(keySpan.end, span.end))
  return colon === null ? span : { start: keySpan.end + colon[0].length, end: span.end }
}

/** A key of `sasl` or `tls` that may be shown: a known one, or nearly. Others can be a password in a wrong place. */
export function isShownKey(key: string): boolean {
  return [...SHOWN_IN_SECTIONS, ...SECRET_KEYS].some((known) => editDistance(key, known) <= 2)
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
      ...commentSpans(source, lineStart),
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

/** A comment that speaks of secrets may be what was commented out. */
function commentSpans(source: string, lineStart: number): Span[] {
  const at = source.search(/(?<=^|\s)#/)
  return at !== -1 && speaksOfSecrets(source.slice(at))
    ? [{ start: lineStart + at, end: lineStart + source.length }]
    : []
}

/** `user:password@host` in an address. */
function userInfoSpans(source: string, lineStart: number): Span[] {
  const spans: Span[] = []
  for (const match of source.matchAll(/[^\s,"'[\]{}]+@/g)) {
    spans.push({ start: lineStart + match.index, end: lineStart + match.index + match[0].length - 1 })
  }
  return spans
}

/**
 * Text that is not all YAML, where nothing is certain to belong to the key above it: once the file speaks of secrets at
 * all, only words that are known are shown, and long words never.
 */
function strictSpans(text: string, lineStart: number, source: string): Span[] {
  const spans = [...source.matchAll(/[A-Za-z0-9+/=_-]{24,}/g)].map((match) => spanOf(match, lineStart))
  return speaksOfSecrets(text) ? [...spans, ...unknownWords(source, lineStart)] : spans
}

function speaksOfSecrets(text: string): boolean {
  if (SECRET_PARTS.test(text)) return true
  return text.matchAll(/([\w.-]+)["']?\s*:/g).some(([, key]) => isSecretKey(key!) || isGuardedSection(key!))
}

function spanOf(match: RegExpMatchArray, lineStart: number): Span {
  const start = lineStart + (match.index ?? 0)
  return { start, end: start + match[0].length }
}

/** Words that are no secret wherever they stand. */
const VOCABULARY = new Set<string>([
  ...everyKey,
  ...[
    'PLAIN',
    'SCRAM-SHA-256',
    'SCRAM-SHA-512',
    'OAUTHBEARER',
    'earliest',
    'latest',
    'exact',
    'true',
    'false',
    '*',
  ],
])

/** Stretches of a line between words that are known, each from its first unknown word to its last. */
function unknownWords(source: string, lineStart: number): Span[] {
  const spans: Span[] = []
  let joins = false
  for (const match of source.matchAll(/env:[A-Za-z_]\w*|file:[\w./-]+|[^\s,:{}[\]"']+/g)) {
    const [word] = match
    const { start, end } = spanOf(match, lineStart)
    const known = VOCABULARY.has(word) || word.startsWith('env:') || word.startsWith('file:')
    if (!known) spans.push({ start: joins ? spans.pop()!.start : start, end })
    joins = !known
  }
  return spans
}
