import { withNames } from '../../errors.ts'
import { configDifference, mirrorSettings, travelling } from '../../mirrors/configs.ts'
import { settingCommand } from '../commands.ts'
import type { Facts, MirrorTopic, SourceTopic } from '../facts.ts'
import { bad, good, type LinkFinding, warning } from '../findings.ts'

/** Whether every topic has its mirror or could get one, and what stands in the way. */
export function checkMirrors(facts: Facts): LinkFinding[] {
  const { mirrors, sourceTopics, unseenTopics, source, destination } = facts
  const byName = new Map(sourceTopics.map((topic) => [topic.name, topic]))
  const findings = [
    ...unseenTopics.map((topic) => unseen(topic, facts)),
    ...mirrors.flatMap((mirror) => mirrorFindings(mirror, byName.get(mirror.topic)!, facts)),
  ]
  if (findings.some(({ severity }) => severity === 'error')) return findings
  const made = mirrors.filter(({ present }) => present !== null).length
  const open = mirrors.length - made
  const what = `${mirrors.length} topics of ${source.name}: ${made} mirrors are there, ${open} can be made`
  return [...findings, good('MIRRORS_POSSIBLE', { side: 'destination', subject: destination.name, what })]
}

function unseen(topic: string, { source }: Facts): LinkFinding {
  const what = `topic ${topic} does not exist on ${source.name}, or ${source.access.principal} may not describe it`
  const remedy = 'Make the topic, or grant DESCRIBE and READ on it; the link looks again every two seconds.'
  return bad('TOPIC_NOT_SEEN', { side: 'source', subject: topic, what, remedy })
}

function mirrorFindings(mirror: MirrorTopic, topic: SourceTopic, facts: Facts): LinkFinding[] {
  const at = { side: 'destination', subject: mirror.name } as const
  const { link, destination } = facts
  if (mirror.keeper !== null && mirror.keeper !== link) {
    const what = `${mirror.name} on ${destination.name} is a mirror of the link ${mirror.keeper}`
    const remedy = `Give one of the links a \`prefix:\`, or exclude the topic from one with \`"!${topic.name}"\`.`
    return [bad('MIRROR_OF_ANOTHER', { ...at, what, remedy })]
  }
  if (mirror.present === null) return creation(mirror, facts)
  if (mirror.keeper === null && (!mirror.offsets.told || mirror.offsets.value > 0)) {
    const count = mirror.offsets.told ? `${mirror.offsets.value} offsets` : 'records, as far as can be seen'
    const what = `topic ${mirror.name} on ${destination.name} holds ${count}, and this link did not make it`
    const remedy =
      'Give the link a `prefix:`, exclude the topic with `"!TOPIC"`, or delete the topic there if its records are not needed.'
    return [bad('MIRROR_IN_THE_WAY', { ...at, what, remedy: withNames(remedy, mirror) })]
  }
  if (mirror.present.partitions > topic.partitions) {
    const counts = [mirror.present.partitions, topic.partitions]
    const what = `mirror ${mirror.name} has ${counts[0]} partitions, topic ${topic.name} has ${counts[1]}`
    const remedy =
      'Have the mirror made again, with the right number and from the start; nothing else can take partitions away.'
    const command = `kmc mirror repair ${link} ${topic.name} reseed`
    return [bad('MIRROR_TOO_WIDE', { ...at, what, remedy, command })]
  }
  return drift(mirror, topic, facts)
}

/** Asked of the controller with `validateOnly`: name clashes, replication, policies and limits are its to judge. */
function creation(mirror: MirrorTopic, { destination }: Facts): LinkFinding[] {
  const at = { side: 'destination', subject: mirror.name } as const
  if (!mirror.refusal.told) {
    const { why } = mirror.refusal
    const what = `whether ${mirror.name} can be made on ${destination.name} could not be found out: ${why}`
    return [warning('NOT_FOUND_OUT', { ...at, what })]
  }
  const refusal = mirror.refusal.value
  // A missing right is told among the rights.
  if (refusal === null || refusal.error.endsWith('AUTHORIZATION_FAILED')) return []
  const what = `${destination.name} would refuse to make ${mirror.name}: ${refusal.error}: ${refusal.message}`
  return [
    bad('MIRROR_REFUSED', { ...at, what, remedy: withNames(REMEDIES[refusal.error] ?? REMEDY, mirror) }),
  ]
}

const REMEDY =
  'Change what the broker names, give the link a `prefix:`, or exclude the topic with `"!TOPIC"`.'
const REMEDIES: Readonly<Record<string, string>> = {
  INVALID_TOPIC_EXCEPTION:
    'Names may not clash with others in which `.` and `_` are swapped, nor be longer than 249 characters: give the link a `prefix:` without both, or exclude the topic.',
  INVALID_REPLICATION_FACTOR:
    'Start more brokers there, or lower `default.replication.factor` of the destination.',
  POLICY_VIOLATION: 'The destination has a policy for new topics: let it allow mirrors and their settings.',
}

/** Settings of a mirror that somebody changed; the link puts them right where it may. */
function drift(mirror: MirrorTopic, topic: SourceTopic, { rules }: Facts): LinkFinding[] {
  if (mirror.keeper === null || !mirror.settings.told || !topic.settings.told) return []
  const wanted = mirrorSettings(topic.settings.value.own, rules)
  const { set, unset } = configDifference(mirror.settings.value.own, wanted, rules)
  const names = [...Object.keys(set), ...unset]
  if (names.length === 0) return []
  const what = `mirror ${mirror.name} differs in ${names.join(', ')} from what it should have`
  const remedy = 'The link sets them, where it may (ALTER_CONFIGS); nothing to do while it works.'
  return [warning('MIRROR_SETTINGS', { side: 'destination', subject: mirror.name, what, remedy })]
}

/** Recompression: only a codec of the mirror's own other than what the source has stored makes the broker do it. */
export function checkCompression({
  mirrors,
  sourceTopics,
  rules,
  source,
  destination,
}: Facts): LinkFinding[] {
  const byName = new Map(sourceTopics.map((topic) => [topic.name, topic]))
  return mirrors.flatMap((mirror) => {
    const topic = byName.get(mirror.topic)!
    if (!mirror.settings.told || !topic.settings.told) return []
    const there = mirror.settings.value.effective['compression.type'] ?? 'producer'
    const here = topic.settings.value.effective['compression.type'] ?? 'producer'
    if (there === 'producer' || there === here) return []
    const what = `${mirror.name} on ${destination.name} has compression.type=${there}, the source ${here}`
    if ('compression.type' in travelling(PASS_THROUGH, rules)) {
      const remedy =
        'Set compression.type=producer on the source topic itself: the mirror follows within half a minute.'
      const command = settingCommand(source.access, { type: 'topics', name: topic.name }, PASS_THROUGH)
      return [warning('MIRROR_RECOMPRESSES', { side: 'source', subject: topic.name, what, remedy, command })]
    }
    const remedy = 'Set compression.type=producer on the mirror, or as default of the destination.'
    const command = settingCommand(destination.access, { type: 'topics', name: mirror.name }, PASS_THROUGH)
    const details = { side: 'destination', subject: mirror.name, what, remedy } as const
    return [warning('MIRROR_RECOMPRESSES', mirror.present === null ? details : { ...details, command })]
  })
}

const PASS_THROUGH = { 'compression.type': 'producer' }
