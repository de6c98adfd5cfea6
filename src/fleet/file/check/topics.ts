import type { LinkDeclaration } from '../fleet.ts'
import type { NameSet } from '../overlap.ts'

/** The topics a link takes, with the exclusions that follow from loops, in the words of a LinkSpec. */
export function takenTopics(link: LinkDeclaration): string[] {
  return [...link.topics, ...link.excluded.map((pattern) => `!${pattern}`)]
}

/** The names of the mirrors that a link keeps on its destination. */
export function mirrorNames(link: LinkDeclaration): NameSet {
  return { prefix: link.prefix, patterns: takenTopics(link) }
}
