import { isReleased } from '../../link/mirrors/life.ts'
import { nameMatcher } from '../../link/names.ts'
import type { MirrorRecord } from '../../link/state/records.ts'
import { takenTopics } from '../file/check/topics.ts'
import type { LinkDeclaration } from '../file/fleet.ts'
import { counted, declaredCluster, type Notes, observedCluster, type PlanInput } from './notes.ts'
import { entryOf, type ObservedLink, type ObservedTopic } from './observed.ts'
import type { Choice } from './plan.ts'

/** What becomes of each topic of a link that is new, changed or starts again. */
export function planMirrors(
  input: PlanInput,
  link: LinkDeclaration,
  known: ObservedLink,
  notes: Notes,
): void {
  const sources = observedCluster(input, link.from)?.topics ?? null
  const destinations = observedCluster(input, link.to)?.topics ?? null
  if (sources === null) {
    notes.warn(`link ${link.name}`, `which mirrors it makes shows when ${link.from} answers`)
    return
  }
  const taken = nameMatcher(takenTopics(link))
  const topics = Object.keys(sources).filter(taken).sort()
  notes.rest(`topics of ${link.name}`, topics.join(' '))
  if (known.record !== null) planReleases(link, known.mirrors, topics, notes)
  // A destination that is about to be made has no topics yet; one that is only down shows them when it is up.
  const isNew = (observedCluster(input, link.to)?.state ?? 'absent') === 'absent'
  if (destinations === null && !isNew) {
    notes.warn(`link ${link.name}`, `what its mirrors meet on ${link.to} shows when that answers`)
    return
  }
  for (const topic of topics) {
    const mirror = link.prefix + topic
    const place: Place = {
      link,
      topic,
      mirror,
      source: sources[topic]!,
      destination: entryOf(destinations, mirror),
      earlier: known.mirrors.find((record) => record.topic === topic && record.mirror === mirror) ?? null,
      kept: known.record !== null,
    }
    notes.rest(`mirror ${link.to}/${mirror}`, placeFact(place))
    if (!refuseConflict(input, place, notes)) planMirror(input, place, notes)
  }
}

type Place = {
  readonly link: LinkDeclaration
  readonly topic: string
  readonly mirror: string
  readonly source: ObservedTopic
  readonly destination: ObservedTopic | null
  /** What the destination remembers of this link's mirror of that name. */
  readonly earlier: MirrorRecord | null
  /** Whether the link itself is still there. */
  readonly kept: boolean
}

function placeFact({ source, destination, earlier }: Place): string {
  const from = `from ${source.id} with ${source.partitions.length} partitions`
  if (destination === null) return `${from}, not there`
  const data = holdsData(destination) ? 'holds data' : 'empty'
  const own = earlier?.mirrorTopicId === destination.id ? ', made by this link' : ''
  return `${from}, topic ${destination.id} with ${destination.partitions.length} partitions, ${data}${own}`
}

/** Unknown offsets count as data: on doubt nothing is written over. */
function holdsData(topic: ObservedTopic): boolean {
  return topic.partitions.some(({ start, end }) => start === null || end === null || start !== 0 || end !== 0)
}

function planReleases(
  link: LinkDeclaration,
  mirrors: readonly MirrorRecord[],
  topics: readonly string[],
  notes: Notes,
): void {
  for (const { topic, mirror } of mirrors) {
    if (topics.includes(topic) && mirror === link.prefix + topic) continue
    const subject = `mirror ${link.name}/${topic}`
    const reason = 'the link no longer takes this topic; what was copied stays as an ordinary topic'
    notes.act({ action: 'release-mirror', link: link.name, topic, mirror, subject, reason })
  }
}

/** Another link of the file with the same destination that would write the same mirror, decided by names that exist. */
function refuseConflict(input: PlanInput, place: Place, notes: Notes): boolean {
  const { link, mirror, topic } = place
  for (const other of Object.values(input.declared.links)) {
    if (other.name === link.name || other.to !== link.to || !mirror.startsWith(other.prefix)) continue
    const otherTopic = mirror.slice(other.prefix.length)
    const sources = observedCluster(input, other.from)?.topics ?? null
    if (entryOf(sources, otherTopic) === null || !nameMatcher(takenTopics(other))(otherTopic)) continue
    const message = `links ${other.name} and ${link.name} would both write ${mirror} on ${link.to}`
    notes.refuse(`mirror ${link.name}/${topic}`, 'MIRROR_CONFLICT', message)
    return true
  }
  const owner = ownerOf(input, place)
  if (owner === null) return false
  notes.refuse(
    `mirror ${link.name}/${topic}`,
    'MIRROR_CONFLICT',
    `${mirror} on ${link.to} is a mirror of link ${owner}`,
  )
  return true
}

/** Another link, also one of another fleet, that keeps this very topic as its mirror. */
function ownerOf(input: PlanInput, { link, mirror, destination }: Place): string | null {
  if (destination === null) return null
  for (const [name, { record, mirrors }] of Object.entries(observedCluster(input, link.to)?.links ?? {})) {
    if (name === link.name || record === null) continue
    if (mirrors.some((one) => one.mirror === mirror && one.mirrorTopicId === destination.id)) return name
  }
  return null
}

function planMirror(input: PlanInput, place: Place, notes: Notes): void {
  const { destination, earlier, kept, link, topic, source, mirror } = place
  const subject = `mirror ${link.name}/${topic}`
  const names = { link: link.name, topic }
  if (destination === null) {
    addMirror(input, place, 'new-topic', notes)
  } else if (earlier?.mirrorTopicId === destination.id && (kept || isReleased(earlier.state))) {
    // The link keeps it already, or has let it go for good.
  } else if (destination.partitions.length > source.partitions.length) {
    const counts = `${destination.partitions.length} partitions, its source ${source.partitions.length}`
    notes.refuse(subject, 'MIRROR_PARTITIONS', `${mirror} on ${link.to} has ${counts}`, { names })
  } else if (!holdsData(destination)) {
    addMirror(input, place, 'empty-topic', notes)
  } else if (isEarlierMirror(place) && input.resume.has(`${link.name}/${topic}`)) {
    addMirror(input, place, 'earlier-mirror', notes)
  } else {
    const held = `${mirror} on ${link.to} already holds data`
    const message = `${held} that link ${link.name} would have to write over`
    notes.refuse(subject, 'MIRROR_NOT_EMPTY', message, {
      names,
      choices: choicesFor(place, isEarlierMirror(place)),
    })
  }
}

/**
 * Proved to be this link's own earlier work: the destination remembers that the link made this very topic (by its id)
 * from this very source topic (by its id), and no partition goes beyond its source.
 */
function isEarlierMirror({ earlier, destination, source }: Place): boolean {
  if (earlier === null || destination === null) return false
  if (earlier.mirrorTopicId !== destination.id || earlier.sourceTopicId !== source.id) return false
  return destination.partitions.every(({ end }, partition) => {
    const sourceEnd = source.partitions[partition]?.end ?? null
    return end !== null && sourceEnd !== null && end <= sourceEnd
  })
}

function choicesFor({ link, topic, mirror }: Place, provable: boolean): Choice[] {
  const resume: Choice = {
    choice: 'resume',
    how: `kmc plan --resume ${link.name}/${topic}`,
    consequence:
      'the link goes on at the end of what it copied before; `kmc verify` shows whether it is still equal',
  }
  const others: Choice[] = [
    {
      choice: 'prefix',
      how: `links.${link.name}.prefix: "${link.from}."`,
      consequence: `the mirror is called ${link.from}.${topic} and ${mirror} stays as it is`,
    },
    {
      choice: 'delete',
      how: `kmc topic delete ${mirror} --cluster ${link.to}`,
      consequence: 'the data in it are gone; the mirror is then made anew',
    },
  ]
  return provable ? [resume, ...others] : others
}

type Onto = 'new-topic' | 'empty-topic' | 'earlier-mirror'

function addMirror(input: PlanInput, place: Place, onto: Onto, notes: Notes): void {
  const { link, topic, mirror, source, destination } = place
  const subject = `mirror ${link.name}/${topic}`
  const reasons: Record<Onto, string> = {
    'new-topic': `link ${link.name} takes ${topic}`,
    'empty-topic': `link ${link.name} takes ${topic}; the topic is there and empty`,
    'earlier-mirror': `link ${link.name} goes on with its earlier mirror, as chosen`,
  }
  const { start } = link
  const partitions = source.partitions.length
  const reason = reasons[onto]
  notes.act({
    action: 'create-mirror',
    link: link.name,
    topic,
    mirror,
    partitions,
    onto,
    start,
    subject,
    reason,
  })
  const brokers = brokersOf(input, link.to)
  if (destination === null && brokers !== null && brokers < source.replicationFactor) {
    const lacking = `${link.to} has ${counted(brokers, 'broker')}`
    notes.warn(subject, `cannot have the ${source.replicationFactor} replicas of its source: ${lacking}`)
  }
  warnOfEarlierMirror(input, place, notes)
  const given = start.at === 'offsets' ? entryOf(start.offsets, topic) : null
  if (onto !== 'earlier-mirror' && given !== null && given.length !== partitions) {
    notes.warn(
      subject,
      `\`start\` gives ${counted(given.length, 'offset')}, the topic has ${counted(partitions, 'partition')}`,
    )
  }
}

/** What an ended link left behind is an ordinary topic, but its records were born elsewhere. */
function warnOfEarlierMirror(input: PlanInput, { link, topic, source }: Place, notes: Notes): void {
  for (const [name, { record, mirrors }] of Object.entries(observedCluster(input, link.from)?.links ?? {})) {
    const left = mirrors.some((one) => one.mirror === topic && one.mirrorTopicId === source.id)
    if (record !== null || !left) continue
    const message = `${topic} on ${link.from} is what link ${name} once mirrored`
    notes.warn(`mirror ${link.name}/${topic}`, `${message}: its records come from another cluster`)
  }
}

/** The brokers that are there, or (for a cluster yet to be made) that will be. */
function brokersOf(input: PlanInput, cluster: string): number | null {
  const declared = declaredCluster(input, cluster)
  const observed = observedCluster(input, cluster)?.brokers ?? null
  return observed ?? (declared?.kind === 'managed' ? declared.brokers : null)
}
