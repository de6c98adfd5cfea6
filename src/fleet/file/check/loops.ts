import { nameMatcher } from '../../../link/names.ts'
import type { LinkDeclaration } from '../fleet.ts'
import { isGlob, type NameSet, overlap } from '../overlap.ts'
import { type CheckContext, report } from './context.ts'
import { takenTopics } from './topics.ts'

/** Ways tried for one link. Fleets that people write need some dozens. */
const WAYS_MAX = 2_000

/** Links in a row that one topic can travel; `topic` is its name at the first source, for messages. */
type Way = { readonly links: readonly LinkDeclaration[]; readonly topic: string | null }

/**
 * The rule against loops: *no record comes back to a cluster where it was*. Where a topic could come round, each link
 * on that way leaves out the mirrors that the link before it brings. Mirrors with a prefix are told by their names and
 * left out by themselves: this gives those patterns for each link. In a mesh of clusters each mirror is thus made once,
 * from the cluster whose topic it is. Without a prefix nothing tells a mirror from a topic of the cluster itself, so
 * `checkLoops` refuses what is left.
 */
export function excludedOnCycles(links: readonly LinkDeclaration[]): Map<string, string[]> {
  const excluded = new Map<string, Set<string>>(links.map((link) => [link.name, new Set<string>()]))
  const cyclic = links.filter((link) => link.from !== link.to && reaches(links, link.to, link.from))
  for (const feeder of cyclic.filter((link) => link.prefix !== '')) {
    for (const link of cyclic.filter((other) => other.from === feeder.to)) {
      if (roundTrip(cyclic, [feeder, link]) === null) continue
      for (const topic of feeder.topics.filter((pattern) => !pattern.startsWith('!'))) {
        excluded.get(link.name)?.add(feeder.prefix + topic)
      }
    }
  }
  return new Map([...excluded].map(([name, patterns]) => [name, [...patterns]]))
}

/** Refuses ways on which a topic would come back, and topics named in full that the rule leaves out. */
export function checkLoops(context: CheckContext): void {
  const links = Object.values(context.fleet.links).filter((link) => link.from !== link.to)
  const cyclic = links.filter((link) => reaches(links, link.to, link.from))
  const told = new Set<string>()
  for (const link of cyclic) {
    checkNamedMirrors(context, link)
    const way = roundTrip(cyclic, [link])
    if (way === null) continue
    const identity = way.links
      .map((step) => step.name)
      .sort()
      .join(' ')
    if (told.has(identity)) continue
    told.add(identity)
    const last = way.links.at(-1)!
    report(context, ['links', last.name, 'topics'], loopMessage(way))
  }
}

function loopMessage({ links, topic }: Way): string {
  const home = links[0]!.from
  const clusters = [...links.map((link) => link.from), home].join(' → ')
  const names = links.map((link) => link.name).join(', ')
  const what =
    topic === null
      ? 'have topics that cannot be shown to be apart'
      : `would bring topics of ${home} (such as ${topic}) back to it`
  const remedy = 'give each of them a prefix, or keep their topics apart'
  return `loop ${clusters}: the links ${names} ${what}; ${remedy}`
}

/** A name written out that the rule leaves out would be skipped in silence, so it is refused. */
function checkNamedMirrors(context: CheckContext, link: LinkDeclaration): void {
  const left = nameMatcher(link.excluded)
  link.topics.forEach((topic, index) => {
    if (topic.startsWith('!') || isGlob(topic) || !left(topic)) return
    const message = 'is a mirror that another link on a loop with this one brings here; it would come back'
    report(context, ['links', link.name, 'topics', index], message)
  })
}

function reaches(links: readonly LinkDeclaration[], from: string, to: string): boolean {
  const reached = new Set([from])
  for (const at of reached) {
    for (const link of links) if (link.from === at) reached.add(link.to)
  }
  return reached.has(to)
}

/**
 * The shortest way that begins with `begin` and brings some topic back to the cluster it started from; null when there
 * is none. `topic` is null when the search hit its limit, so that doubt counts as a loop.
 */
function roundTrip(links: readonly LinkDeclaration[], begin: readonly LinkDeclaration[]): Way | null {
  const home = begin[0]!.from
  const first = travelled(begin)
  if (first === null || begin.at(-1)!.to === home) return first
  const ways: Way[] = [first]
  for (let at = 0; at < ways.length; at++) {
    const way = ways[at]!
    const end = way.links.at(-1)!.to
    if (at >= WAYS_MAX) return { links: way.links, topic: null }
    const visited = new Set(way.links.map((link) => link.from))
    for (const link of homeFirst(links, home)) {
      if (link.from !== end || (link.to !== home && visited.has(link.to))) continue
      const longer = travelled([...way.links, link])
      if (longer !== null && link.to === home) return longer
      if (longer !== null) ways.push(longer)
    }
  }
  return null
}

/** Trying the way home first spares most of the search. */
function homeFirst(links: readonly LinkDeclaration[], home: string): LinkDeclaration[] {
  return [...links.filter((link) => link.to === home), ...links.filter((link) => link.to !== home)]
}

/** The way, when some topic can travel all of it: its name grows by each prefix, and every link must take it. */
function travelled(links: readonly LinkDeclaration[]): Way | null {
  let ahead = ''
  const sets = links.map((link): NameSet => {
    const set = { prefix: '', patterns: takenTopics(link), ahead }
    ahead = link.prefix + ahead
    return set
  })
  const found = overlap(sets)
  if (found.kind === 'none') return null
  return { links, topic: found.kind === 'name' ? found.name : null }
}
