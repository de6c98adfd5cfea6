import {
  type Comparison,
  comparisons,
  type Expression,
  type Field,
  type Literal,
  type Operand,
} from './ast.ts'
import { filterError, type Token, tokensOf } from './tokens.ts'

const fields: readonly Field[] = ['key', 'value', 'headers', 'offset', 'partition', 'timestamp', 'size']
const constants: Readonly<Record<string, Literal>> = { true: true, false: false, null: null }
const DEPTH_MAX = 40

/**
 * Reads a filter: comparisons of fields of a record with one another or with literals, joined by `&&`, `||`, `!` (also
 * `and`, `or`, `not`) and parentheses. It has no loops, calls or patterns that could run away: what it costs is bounded
 * by its length and the record's. @throws FILTER_INVALID
 */
export function parseFilter(text: string): Expression {
  return new Parser(text).all()
}

class Parser {
  readonly #text: string
  readonly #tokens: readonly Token[]
  #at = 0
  #depth = 0

  constructor(text: string) {
    this.#text = text
    this.#tokens = tokensOf(text)
  }

  all(): Expression {
    const expression = this.#any()
    if (this.#next.kind !== 'end') throw this.#unexpected('the filter should end')
    return expression
  }

  #any(): Expression {
    let left = this.#both()
    while (this.#take('||', 'or')) left = { kind: 'or', left, right: this.#both() }
    return left
  }

  #both(): Expression {
    let left = this.#one()
    while (this.#take('&&', 'and')) left = { kind: 'and', left, right: this.#one() }
    return left
  }

  #one(): Expression {
    if (++this.#depth > DEPTH_MAX) throw filterError(this.#text, this.#next.at, 'it is nested too deeply')
    const expression = this.#take('!', 'not')
      ? ({ kind: 'not', inner: this.#one() } as const)
      : this.#simple()
    this.#depth--
    return expression
  }

  #simple(): Expression {
    if (this.#take('(')) {
      const inner = this.#any()
      if (!this.#take(')')) throw this.#unexpected('a ) is missing')
      return inner
    }
    const left = this.#operand()
    const by = this.#comparison()
    return by === null
      ? { kind: 'holds', operand: left }
      : { kind: 'compare', by, left, right: this.#operand() }
  }

  #comparison(): Comparison | null {
    return comparisons.find((comparison) => this.#take(comparison)) ?? null
  }

  #operand(): Operand {
    const { kind, text } = this.#next
    if (kind === 'string') return this.#literal(unquoted(text))
    if (kind === 'number') return this.#literal(Number(text))
    if (kind === 'word' && Object.hasOwn(constants, text)) return this.#literal(constants[text]!)
    const field = fields.find((name) => name === text)
    if (kind !== 'word' || field === undefined) {
      throw this.#unexpected(
        `one of ${fields.join(', ')}, or a "text", a number, true, false or null should stand`,
      )
    }
    this.#at++
    return { kind: 'path', field, steps: this.#steps() }
  }

  /** `.name`, `["any name"]`, `[0]`. */
  #steps(): (string | number)[] {
    const steps: (string | number)[] = []
    for (;;) {
      if (this.#take('.')) {
        if (this.#next.kind !== 'word') throw this.#unexpected('a name should follow the dot')
        steps.push(this.#tokens[this.#at++]!.text)
      } else if (this.#take('[')) {
        steps.push(this.#index())
        if (!this.#take(']')) throw this.#unexpected('a ] is missing')
      } else return steps
    }
  }

  #index(): string | number {
    const { kind, text } = this.#next
    if (kind === 'string') {
      this.#at++
      return unquoted(text)
    }
    if (kind !== 'number' || !/^\d+$/.test(text))
      throw this.#unexpected('a place like 0 or a "name" should stand')
    this.#at++
    return Number(text)
  }

  #literal(value: Literal): Operand {
    this.#at++
    return { kind: 'literal', value }
  }

  get #next(): Token {
    return this.#tokens[this.#at]!
  }

  #take(...texts: string[]): boolean {
    const { kind, text } = this.#next
    const isTaken = (kind === 'sign' || kind === 'word') && texts.includes(text)
    if (isTaken) this.#at++
    return isTaken
  }

  #unexpected(expected: string): Error {
    const { kind, text, at } = this.#next
    const found = kind === 'end' ? 'it ends' : `"${text}" stands`
    return filterError(this.#text, at, `${expected}, and ${found} here`)
  }
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' }

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\(.)/gs, (_, character: string) => escapes[character] ?? character)
}
