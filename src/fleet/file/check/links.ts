import { namedInFull, nameMatcher } from '../../../link/names.ts'
import type { Fleet, LinkDeclaration } from '../fleet.ts'
import { literalOverlap, overlap } from '../overlap.ts'
import { didYouMean } from '../suggest.ts'
import { entriesAt, nodeAt } from '../tree.ts'
import { type CheckContext, checkClusterName, remark, report } from './context.ts'
import { mirrorNames } from './topics.ts'

/** Checks of links, each alone and against the others on the same destination. */
export function checkLinks(context: CheckContext): void {
  const links = Object.values(context.fleet.links)
  for (const name of entriesAt(context.root, 'links').keys()) checkEnds(context, name)
  for (const link of links) {
    checkPatterns(context, link)
    checkStart(context, link)
    checkPriority(context, link)
    remarkReplication(context, link)
  }
  links.forEach((link, index) => {
    for (const other of links.slice(0, index)) {
      if (other.to === link.to) checkSameMirrors(context, other, link)
    }
  })
}

/** Looks at the file itself, so that a link with other errors is told about its clusters too. */
function checkEnds(context: CheckContext, link: string): void {
  const at = ['links', link]
  const ends = nodeAt(context.root, at)?.value as { from?: unknown; to?: unknown } | null
  for (const end of ['from', 'to'] as const) {
    checkClusterName(context, [...at, end], ends?.[end])
  }
  if (ends?.from !== undefined && ends.from === ends.to)
    report(context, [...at, 'to'], 'a link cannot lead to its own source')
}

function checkPatterns(context: CheckContext, link: LinkDeclaration): void {
  const at = ['links', link.name]
  for (const key of ['topics', 'groups'] as const) {
    const patterns = link[key]
    if (patterns.length === 0) continue
    if (patterns.every((pattern) => pattern.startsWith('!'))) {
      report(context, [...at, key], 'these patterns only exclude; begin with "*" to take the rest')
    } else if (key === 'topics') {
      if (overlap([{ prefix: '', patterns }]).kind === 'none')
        report(context, [...at, key], 'these patterns take no topic at all')
    }
  }
  const longest = Math.max(
    0,
    ...link.topics.filter((topic) => !/[*?!]/.test(topic)).map((topic) => topic.length),
  )
  if (link.prefix.length + longest > TOPIC_NAME_MAX) {
    report(context, [...at, 'prefix'], `makes mirror names longer than Kafka's ${TOPIC_NAME_MAX} characters`)
  }
}

const TOPIC_NAME_MAX = 249

function checkStart(context: CheckContext, link: LinkDeclaration): void {
  if (link.start.at !== 'offsets') return
  const taken = nameMatcher(link.topics)
  for (const topic of Object.keys(link.start.offsets)) {
    if (taken(topic)) continue
    const near = didYouMean(topic, link.topics)
    report(
      context,
      ['links', link.name, 'start', 'offsets', topic],
      `this link does not take this topic${near}`,
      'key',
    )
  }
}

function checkPriority(context: CheckContext, link: LinkDeclaration): void {
  const taken = nameMatcher(link.topics)
  for (const { topics: topic } of link.priority ?? []) {
    if (/[*?]/.test(topic) || taken(topic)) continue
    const near = didYouMean(topic, namedInFull(link.topics))
    const message = `this link does not take this topic${near}`
    report(context, ['links', link.name, 'priority', topic], message, 'key')
  }
}

/** Mirrors get as many replicas as the source's topics, as far as there are brokers for them. */
function remarkReplication(context: CheckContext, link: LinkDeclaration): void {
  const from = clusterOf(context.fleet, link.from)
  const to = clusterOf(context.fleet, link.to)
  if (from?.kind !== 'managed' || to?.kind !== 'managed' || to.brokers >= Math.min(from.brokers, 3)) return
  const replicas = to.brokers === 1 ? '1 replica' : `${to.brokers} replicas`
  const fewer = `${to.name} has ${to.brokers} of the ${from.brokers} brokers of ${from.name}`
  remark(context, ['links', link.name], `${fewer}: mirrors have at most ${replicas}`)
}

function clusterOf(fleet: Fleet, name: string) {
  return Object.hasOwn(fleet.clusters, name) ? fleet.clusters[name] : undefined
}

/**
 * Two links must not write one mirror. Where a topic is named in full this is refused here; where only globs could
 * meet, the plan decides by the names that exist.
 */
function checkSameMirrors(context: CheckContext, first: LinkDeclaration, second: LinkDeclaration): void {
  const [a, b] = [mirrorNames(first), mirrorNames(second)]
  const path = ['links', second.name, 'topics']
  const name = literalOverlap(a, b)
  if (name !== null) {
    const both = `links ${first.name} and ${second.name} would both write the mirror ${name} on ${second.to}`
    report(context, path, `${both}; give one a prefix, or exclude the topic in one`)
    return
  }
  if (first.prefix !== second.prefix) return
  if (overlap([a, b]).kind !== 'none') {
    remark(
      context,
      path,
      `links ${first.name} and ${second.name} could meet in one mirror on ${second.to}; the plan checks it`,
    )
  }
}
