import type { NamePatterns } from './spec.ts'

/** Topics that belong to Kafka or to kmc: taken only when a pattern names them in full. */
function isInternal(name: string): boolean {
  return name.startsWith('__')
}

/** A test for names by globs: `*` and `?`, `!` excludes and wins; one without any wildcard is a name in full. */
export function nameMatcher(patterns: NamePatterns): (name: string) => boolean {
  const named = new Set(namedInFull(patterns))
  const included = patterns.filter((p) => !p.startsWith('!') && /[*?]/.test(p)).map(globToRegExp)
  const excluded = patterns.filter((p) => p.startsWith('!')).map((p) => globToRegExp(p.slice(1)))
  return (name) => {
    if (excluded.some((regExp) => regExp.test(name))) return false
    return named.has(name) || (!isInternal(name) && included.some((regExp) => regExp.test(name)))
  }
}

/** The names that patterns give in full: these are expected to be there. */
export function namedInFull(patterns: NamePatterns): string[] {
  return patterns.filter((pattern) => !/[*?!]/.test(pattern))
}

function globToRegExp(glob: string): RegExp {
  const parts = glob.split(/([*?])/).map((part) => {
    if (part === '*') return '.*'
    return part === '?' ? '.' : part.replace(/[.+^${}()|[\]\\]/g, '\\$&')
  })
  return new RegExp(`^${parts.join('')}$`, 's')
}
