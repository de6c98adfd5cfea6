import { observeError } from '../errors.ts'

export type Token = {
  readonly kind: 'word' | 'string' | 'number' | 'sign' | 'end'
  readonly text: string
  /** Where it begins in the expression. */
  readonly at: number
}

const TEXT_MAX = 2_000
const TOKENS_MAX = 400

const shapes: readonly { readonly kind: Token['kind'] | 'space'; readonly pattern: RegExp }[] = [
  { kind: 'space', pattern: /\s+/y },
  { kind: 'number', pattern: /-?\d+(?:\.\d+)?(?![\w.])/y },
  { kind: 'word', pattern: /[\p{L}_$][\p{L}\p{N}_$-]*/uy },
  { kind: 'string', pattern: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/sy },
  { kind: 'sign', pattern: /&&|\|\||==|!=|<=|>=|[<>!().[\]]/y },
]

/** The words and signs of an expression, with an `end` behind them. @throws FILTER_INVALID */
export function tokensOf(text: string): Token[] {
  if (text.length > TEXT_MAX) throw filterError(text, TEXT_MAX, `it is longer than ${TEXT_MAX} characters`)
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const found = tokenAt(text, at)
    if (found === null) throw filterError(text, at, `"${[...text.slice(at)][0]}" means nothing here`)
    if (found.kind !== 'space') tokens.push({ kind: found.kind, text: found.text, at })
    if (tokens.length > TOKENS_MAX)
      throw filterError(text, at, `it has more than ${TOKENS_MAX} words and signs`)
    at += found.text.length
  }
  return [...tokens, { kind: 'end', text: '', at }]
}

function tokenAt(text: string, at: number) {
  for (const { kind, pattern } of shapes) {
    pattern.lastIndex = at
    const [found] = pattern.exec(text) ?? []
    if (found !== undefined) return { kind, text: found }
  }
  return null
}

/** An error that points at a place of the expression. */
export function filterError(text: string, at: number, why: string): Error {
  const message = `the filter cannot be understood at character ${at + 1}: ${why}`
  return observeError('FILTER_INVALID', message, { context: { filter: text.slice(0, TEXT_MAX), at } })
}
