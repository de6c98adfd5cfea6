import { nameMatcher } from '../../../link/names.ts'
import type { GroupFacts } from '../facts.ts'
import type { Drift } from '../plan.ts'
import { isOwnTopic } from '../read/side.ts'
import { counted, listed } from '../words.ts'
import type { Compared } from './drift.ts'
import { mirrorsOf } from './loss.ts'

/** Who wrote this long ago counts as a user of a topic. */
const WRITTEN_WITHIN_MS = 600_000

/** Topics that have no mirror, and mirrors that are not like their topics. */
export function driftOfTopics(compared: Compared): Drift[] {
  const mirrors = mirrorsOf(compared.facts)
  const shapes = mirrors.flatMap(({ topic, mirror }) => shapeOf(compared, topic, mirror))
  return [...uncovered(compared), ...shapes]
}

function uncovered({ facts, from, to }: Compared): Drift[] {
  const covered = new Set(mirrorsOf(facts).map(({ topic }) => topic))
  const outside = [...from.topics.keys()].filter((name) => !covered.has(name) && !isOwnTopic(name))
  const users = usersOf({ facts, from, to })
  const used = outside.filter((topic) => users.has(topic))
  const idle = outside.filter((topic) => !users.has(topic)).sort()
  const remedy = `Add it to \`topics\` of link ${facts.spec?.name ?? ''}, or move what uses it by hand.`
  const found = used.sort().map((topic): Drift => {
    const what = `${topic} is used by ${listed(users.get(topic)!)} and has no mirror on ${to.name}`
    return { severity: 'blocks', kind: 'topic', subject: topic, what, remedy }
  })
  if (idle.length === 0) return found
  const what = `${counted(idle.length, 'topic')} that nobody uses now stay behind: ${listed(idle)}`
  return [...found, { severity: 'note', kind: 'topic', subject: idle[0]!, what, remedy: null }]
}

/** Who uses a topic: groups with a position on it, and producers that wrote lately. */
function usersOf({ facts, from }: Compared): Map<string, string[]> {
  const users = new Map<string, Set<string>>()
  const note = (topic: string, who: string) => {
    users.set(topic, (users.get(topic) ?? new Set()).add(who))
  }
  for (const { group, positions } of from.groups.told ? from.groups.value : []) {
    for (const { topic } of positions) note(topic, `group ${group}`)
  }
  for (const { topic, producerId, lastAt } of from.producers.told ? from.producers.value : []) {
    if (facts.at - lastAt < WRITTEN_WITHIN_MS) note(topic, `producer ${producerId}`)
  }
  return new Map([...users].map(([topic, who]) => [topic, [...who].sort()]))
}

function shapeOf({ from, to }: Compared, topic: string, mirror: string): Drift[] {
  const [here, there] = [from.topics.get(topic), to.topics.get(mirror)]
  if (here === undefined) {
    const what = `${topic} is gone from ${from.name}; its mirror is still on ${to.name}`
    return [{ severity: 'note', kind: 'topic', subject: topic, what, remedy: null }]
  }
  if (there === undefined) {
    const what = `${mirror} is not on ${to.name}`
    const remedy = 'See `kmc mirror describe`: the mirror was deleted or is not made yet.'
    return [{ severity: 'blocks', kind: 'topic', subject: topic, what, remedy }]
  }
  const found: Drift[] = []
  if (here.partitions !== there.partitions) {
    const what = `${topic} has ${here.partitions} partitions on ${from.name} and ${there.partitions} on ${to.name}`
    const remedy = 'The link adds partitions within half a minute; wait, and make the plan again.'
    found.push({ severity: 'blocks', kind: 'partitions', subject: topic, what, remedy })
  }
  if (here.replicationFactor > there.replicationFactor) {
    const [was, is] = [here.replicationFactor, there.replicationFactor]
    const what = `${topic} has ${was} replicas on ${from.name} and ${is} on ${to.name}`
    found.push({ severity: 'warning', kind: 'replicas', subject: topic, what, remedy: null })
  }
  if (there.leaderless.length > 0) {
    const what = `${mirror} on ${to.name} has no leader for ${counted(there.leaderless.length, 'partition')}`
    const remedy = `Bring the brokers of ${to.name} back: these partitions take no writes.`
    found.push({ severity: 'blocks', kind: 'replicas', subject: topic, what, remedy })
  }
  return found
}

/** Groups whose place is lost because the link does not take them, or held by somebody on the other side. */
export function driftOfGroups({ facts, from, to }: Compared): Drift[] {
  if (!from.groups.told || facts.spec === null) return []
  const takes = nameMatcher(facts.spec.groups)
  const lost = from.groups.value.filter(({ group, positions }) => !takes(group) && positions.length > 0)
  const there = new Map((to.groups.told ? to.groups.value : []).map((one) => [one.group, one]))
  const active = from.groups.value.filter(({ group }) => takes(group) && (there.get(group)?.members ?? 0) > 0)
  return [
    ...lost.map((group) => leftBehind(group, facts.spec!.name, to.name)),
    ...active.map(({ group }): Drift => {
      const what = `group ${group} has members on ${to.name}, so its positions there are its own`
      const remedy = `Stop them, or leave them out: their positions are not those of ${from.name}.`
      return { severity: 'warning', kind: 'group', subject: group, what, remedy }
    }),
  ]
}

function leftBehind({ group, members }: GroupFacts, link: string, to: string): Drift {
  const what = `group ${group} is not taken by link ${link}: on ${to} it begins by its auto.offset.reset`
  const remedy = `Add it to \`groups\` of link ${link} and wait until \`kmc group explain ${group}\` says in-step.`
  const severity = (members ?? 1) > 0 ? 'blocks' : 'warning'
  return { severity, kind: 'group', subject: group, what, remedy }
}
