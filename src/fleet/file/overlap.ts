import { nameMatcher } from '../../link/names.ts'
import type { NamePatterns } from '../../link/spec.ts'

/**
 * A set of names: `prefix` + every topic that `patterns` take (as src/link/names.ts reads them). With `ahead` it is the
 * set of what may follow that text: the topics whose names, after the prefixes of a chain of links, `patterns` take.
 */
export type NameSet = { readonly prefix: string; readonly patterns: NamePatterns; readonly ahead?: string }

/** `name` is a shortest common name; `limit` means that the patterns are too many-sided to be told apart. */
export type Overlap =
  | { readonly kind: 'none' }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'limit' }

/** Steps of single patterns in one search; patterns that people write need some thousands. */
const STEPS_MAX = 1_000_000
/** Stands for every character that no pattern names; it makes a readable example. */
const OTHER = ['x', 'a', 'b', 'c', 't', 'y', 'z', 'X', 'Y', 'Z', '0', '1']

/**
 * Whether one name can be in all the sets. Exact: all patterns are run side by side as automata, a breadth-first search
 * looks for a text that every side accepts. Lengths are not limited to Kafka's 249.
 */
export function overlap(sets: readonly NameSet[]): Overlap {
  const sides = sets.map(compile)
  const lengthMin = 1 + Math.max(...sets.map((set) => set.prefix.length))
  const alphabet = alphabetOf(sets.flatMap((set) => [...set.patterns, set.prefix, set.ahead ?? '']))
  const start: Step = {
    states: sides.map((side, index) => startState(side, sets[index]!.ahead ?? '')),
    name: '',
  }
  const queue: Step[] = [start]
  const seen = new Set([identity(start.states)])
  let steps = 0
  for (let at = 0; at < queue.length; at++) {
    const { states, name } = queue[at]!
    const accepted = sides.every((side, index) => accepts(side, states[index]!))
    if (accepted && name.length >= lengthMin) return { kind: 'name', name }
    steps += alphabet.length * states.reduce((sum, state) => sum + state.length, 0)
    if (steps > STEPS_MAX) return { kind: 'limit' }
    for (const character of alphabet) {
      const next = sides.map((side, index) => advance(side, states[index]!, character))
      if (!sides.every((side, index) => alive(side, next[index]!))) continue
      const key = name.length < lengthMin ? `${name.length}:${identity(next)}` : identity(next)
      if (seen.has(key)) continue
      seen.add(key)
      queue.push({ states: next, name: name + character })
    }
  }
  return { kind: 'none' }
}

/** A common name that one of the two sets takes by a pattern without wildcards, or null. */
export function literalOverlap(left: NameSet, right: NameSet): string | null {
  return literalIn(left, right) ?? literalIn(right, left)
}

function literalIn(named: NameSet, other: NameSet): string | null {
  const taken = nameMatcher(named.patterns)
  const takenByOther = nameMatcher(other.patterns)
  for (const pattern of named.patterns) {
    if (pattern.startsWith('!') || isGlob(pattern) || !taken(pattern)) continue
    const name = named.prefix + pattern
    if (name.startsWith(other.prefix) && takenByOther(name.slice(other.prefix.length))) return name
  }
  return null
}

export function isGlob(pattern: string): boolean {
  return /[*?]/.test(pattern)
}

type Automaton = {
  readonly kind: 'literal' | 'glob' | 'exclude' | 'internal'
  readonly text: string
  readonly fixed: number
}
/** Live positions as `automaton index × POSITIONS + position`, in order. */
type State = readonly number[]
type States = readonly State[]
type Step = { readonly states: States; readonly name: string }

const POSITIONS = 1024

/** The characters before `fixed` are the prefix: wildcards count only after it. */
function compile(set: NameSet): Automaton[] {
  const fixed = set.prefix.length
  const automata = set.patterns.map((pattern): Automaton => {
    const exclude = pattern.startsWith('!')
    const body = exclude ? pattern.slice(1) : pattern
    const kind = exclude ? 'exclude' : isGlob(body) ? 'glob' : 'literal'
    return { kind, text: set.prefix + body, fixed }
  })
  return [...automata, { kind: 'internal', text: `${set.prefix}__*`, fixed }]
}

function alphabetOf(texts: readonly string[]): string[] {
  const named = new Set([...texts.join('').replaceAll(/[*?!]/g, ''), '_'])
  const other = OTHER.find((character) => !named.has(character))
  return other === undefined ? [...named] : [other, ...named]
}

function startState(side: readonly Automaton[], ahead: string): State {
  const first = closed(
    side,
    side.map((_, index) => index * POSITIONS),
  )
  return [...ahead].reduce((state, character) => advance(side, state, character), first)
}

/** Adds the positions reachable without a character: past each `*`. */
function closed(side: readonly Automaton[], positions: readonly number[]): State {
  const all = new Set(positions)
  for (const position of all) {
    const { text, fixed } = side[Math.floor(position / POSITIONS)]!
    const at = position % POSITIONS
    if (at >= fixed && text[at] === '*') all.add(position + 1)
  }
  return [...all].sort((a, b) => a - b)
}

function advance(side: readonly Automaton[], state: State, character: string): State {
  const next: number[] = []
  for (const position of state) {
    const { text, fixed } = side[Math.floor(position / POSITIONS)]!
    const at = position % POSITIONS
    const expected = text[at]
    if (expected === undefined) continue
    if (at >= fixed && expected === '*') next.push(position)
    else if (expected === character || (at >= fixed && expected === '?')) next.push(position + 1)
  }
  return closed(side, next)
}

function accepts(side: readonly Automaton[], state: State): boolean {
  const ended = new Set<Automaton['kind']>()
  for (const position of state) {
    const { kind, text } = side[Math.floor(position / POSITIONS)]!
    if (position % POSITIONS === text.length) ended.add(kind)
  }
  if (ended.has('exclude')) return false
  return ended.has('literal') || (ended.has('glob') && !ended.has('internal'))
}

/** Nothing more can be accepted once no including pattern is left. */
function alive(side: readonly Automaton[], state: State): boolean {
  return state.some((position) => {
    const { kind } = side[Math.floor(position / POSITIONS)]!
    return kind === 'literal' || kind === 'glob'
  })
}

function identity(states: States): string {
  return states.map((state) => state.join()).join('|')
}
