import { nameMatcher } from '../../names.ts'
import type { NamePatterns } from '../../spec.ts'

/** Names as a link calls them on its two sides, and which of them its ACL rules take. */
export type Naming = {
  /** Patterns that must all take a name. */
  readonly patterns: readonly NamePatterns[]
  /** Names at the source that are there now, by the name that each has at the destination. */
  readonly known: ReadonlyMap<string, string>
  readonly prefix: string
}

export type Place = { readonly patternType: 'literal' | 'prefixed'; readonly resourceName: string }

/** Where an entry about one name belongs at the destination; nowhere when it is not the link's. */
export function placesOfName({ patterns, known }: Naming, name: string): Place[] {
  const there = known.get(name)
  if (there === undefined || !takes(patterns, name)) return []
  return [{ patternType: 'literal', resourceName: there }]
}

/**
 * Where an entry about all names with a prefix belongs: it stays one about a prefix where the link takes every such
 * name, and else becomes one for each name that the link has, so that it never reaches what is not the link's.
 */
export function placesOfPrefix(naming: Naming, head: string): Place[] {
  const { patterns, prefix } = naming
  const own = namesUnder(naming, head)
  if (own.length === 0) return []
  const there = prefix + head
  const whole = there !== '' && patterns.every((each) => takesAllUnder(each, head))
  if (whole) return [{ patternType: 'prefixed', resourceName: there }]
  return own.map(([, resourceName]) => ({ patternType: 'literal', resourceName }))
}

/** The link's names that begin so, each with what it is called at the destination. */
export function namesUnder({ patterns, known }: Naming, head: string): [string, string][] {
  return [...known].filter(([name]) => name.startsWith(head) && takes(patterns, name))
}

function takes(patterns: readonly NamePatterns[], name: string): boolean {
  return patterns.every((each) => nameMatcher(each)(name))
}

/** Whether the patterns take every name that begins so. Internal names are taken one by one only. */
function takesAllUnder(patterns: NamePatterns, head: string): boolean {
  if (head.startsWith('__') || (head !== '' && '__'.startsWith(head))) return false
  const isTaken = patterns.some((pattern) => {
    const before = pattern.slice(0, -1)
    return pattern.endsWith('*') && !/[*?!]/.test(before) && head.startsWith(before)
  })
  const isCut = patterns.some((pattern) => {
    if (!pattern.startsWith('!')) return false
    const fixed = pattern.slice(1).split(/[*?]/)[0]!
    return fixed.startsWith(head) || head.startsWith(fixed)
  })
  return isTaken && !isCut
}
