import { limits } from '../../copy/limits.ts'
import { settingCommand } from '../commands.ts'
import type { Facts, Settings, SideFacts, SourceTopic } from '../facts.ts'
import { bad, good, type LinkFinding, warning } from '../findings.ts'

/** A request's header and the names in it. */
const REQUEST_ROOM = 64 * 1024
/** Below this many bytes an offset a compacted log cannot be dense: no record batch is smaller a record. */
const SPARSE_BYTES_PER_OFFSET = 12
const SPARSE_OFFSETS_MIN = 100_000
const MARKER_BYTES = 78

/** Sizes, formats, age and density of what is to be copied. */
export function checkRecords(facts: Facts): LinkFinding[] {
  return [...sizes(facts), ...facts.sourceTopics.flatMap((topic) => topicFindings(topic, facts))]
}

function sizes({ sourceTopics, source, destination }: Facts): LinkFinding[] {
  const { brokerSettings, name } = destination
  const sorted = [...sourceTopics].sort((a, b) => batchBytesMax(b) - batchBytesMax(a))
  const largest = sorted[0] === undefined ? 0 : batchBytesMax(sorted[0])
  const at = { side: 'destination', subject: name } as const
  if (!brokerSettings.told) {
    const what = `socket.request.max.bytes of ${name} could not be found out: ${brokerSettings.why}`
    return [warning('NOT_FOUND_OUT', { ...at, what })]
  }
  const taken = Number(brokerSettings.value['socket.request.max.bytes'] ?? Number.POSITIVE_INFINITY)
  // A request is filled up to a limit, and the batch that passes the limit still goes with it.
  const needed = limits.produceRequestBytesMax + largest + REQUEST_ROOM
  if (taken >= needed) {
    const what = `batches of ${source.name} have at most ${largest} bytes, ${name} takes requests of ${taken}`
    return [good('SIZES_FIT', { ...at, what })]
  }
  const what = `${name} takes requests of ${taken} bytes, the link may need ${needed}`
  const cure = `Set socket.request.max.bytes=${needed} or more on every broker of ${name}; it takes a restart.`
  const largestTopic = sorted[0]!.name
  const other = `lower max.message.bytes of topic ${largestTopic} at the source, if its batches are smaller`
  const remedy = `${cure} Or ${other}.`
  return [bad('REQUEST_TOO_LARGE', { ...at, what, remedy })]
}

function batchBytesMax({ settings }: SourceTopic): number {
  return settings.told ? Number(settings.value.effective['max.message.bytes'] ?? 0) : 0
}

function topicFindings(topic: SourceTopic, facts: Facts): LinkFinding[] {
  const at = { side: 'source', subject: topic.name } as const
  const findings: LinkFinding[] = []
  const settings = topic.settings.told ? topic.settings.value.effective : {}
  if (isOldFormat(settings, facts.source)) {
    const what = `topic ${topic.name} has message.format.version=${settings['message.format.version']}`
    const remedy =
      'Raise inter.broker.protocol.version of the source to 3.0 or newer and rewrite the topic there once, or exclude it from the link.'
    findings.push(bad('OLD_FORMAT', { ...at, what, remedy }))
  }
  if (topic.holdsOld.told && topic.holdsOld.value) findings.push(guardExpires(topic, facts))
  return [...findings, ...sparse(topic, settings)]
}

/**
 * Brokers of protocol 3.0 or newer, so all with KRaft, ignore the setting. Source: Kafka 3.9's
 * `LogConfig.shouldIgnoreMessageFormatVersion`.
 */
function isOldFormat(settings: Settings, { metadataLevel, brokerSettings }: SideFacts): boolean {
  const protocol = brokerSettings.told ? brokerSettings.value['inter.broker.protocol.version'] : undefined
  if (metadataLevel > 0 || protocol === undefined || !isBefore(protocol, 3, 0)) return false
  const format = settings['message.format.version']
  return format !== undefined && isBefore(format, 0, 11)
}

/** Whether `version`, such as 2.8-IV1, is of a release before the one given. */
function isBefore(version: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = version.split('.').map((part) => Number.parseInt(part, 10))
  return first < major || (first === major && second < minor)
}

function guardExpires(topic: SourceTopic, { destination }: Facts): LinkFinding {
  const kept = destination.brokerSettings.told
    ? destination.brokerSettings.value['producer.id.expiration.ms']
    : undefined
  const memory = `the ${kept ?? '?'} ms that ${destination.name} remembers producers`
  const what = `topic ${topic.name} holds records older than ${memory}`
  const remedy =
    'Nothing has to be done with one worker at a time. To keep the guard for old records too, raise producer.id.expiration.ms on the destination while they are copied.'
  const command = settingCommand(destination.access, { type: 'brokers', name: null }, LONGEST_MEMORY)
  return warning('GUARD_EXPIRES', { side: 'destination', subject: topic.name, what, remedy, command })
}

const LONGEST_MEMORY = { 'producer.id.expiration.ms': '2147483647' }

function sparse(
  { name, offsets, bytes }: SourceTopic,
  settings: Readonly<Record<string, string>>,
): LinkFinding[] {
  const isCompacted = (settings['cleanup.policy'] ?? 'delete').includes('compact')
  if (!isCompacted || !offsets.told || !bytes.told || offsets.value < SPARSE_OFFSETS_MIN) return []
  if (bytes.value / offsets.value >= SPARSE_BYTES_PER_OFFSET) return []
  const mib = ((offsets.value * MARKER_BYTES) / 2 ** 20).toFixed(0)
  const size = `${offsets.value} offsets in ${bytes.value} bytes`
  const what = `topic ${name} has ${size}: most are gaps, up to ${mib} MiB of markers`
  const remedy =
    'Nothing has to be done; `start: latest` leaves the old offsets out where old keys are not needed.'
  return [warning('SPARSE_LOG', { side: 'source', subject: name, what, remedy })]
}
