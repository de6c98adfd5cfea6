import { nameMatcher } from '../names.ts'
import { type ConfigTravel, defaultTravel } from '../travel/options.ts'

/** A topic setting as DescribeConfigs gives it: only those that were set on the topic itself count. */
export type TopicConfig = Readonly<Record<string, string>>

const LONG_MAX = '9223372036854775807'
/** Above every broker default, so that a batch which the source once took is not refused for its size. */
const MESSAGE_BYTES_MIN = 16 * 1024 * 1024

/** Settings that belong to one cluster and never travel: throttles, tiered storage, durability of its own brokers. */
const LOCAL_SETTINGS = new Set([
  'leader.replication.throttled.replicas',
  'follower.replication.throttled.replicas',
  'min.insync.replicas',
  'unclean.leader.election.enable',
  'remote.storage.enable',
  'remote.log.copy.disable',
  'remote.log.delete.on.disable',
  'local.retention.ms',
  'local.retention.bytes',
  'message.format.version',
  'message.downconversion.enable',
  // Kafka before 4.0 takes it for the two limits below as soon as it is set (LogConfig#messageTimestampBeforeMaxMs).
  'message.timestamp.difference.max.ms',
])

/** Which settings of a link travel, and which of them the destination has a word for. */
export type SettingRules = ConfigTravel & {
  /** Null: not known, so every setting is tried. */
  readonly known: ReadonlySet<string> | null
}

/** Everything that is set on the topic travels. */
const everySetting: SettingRules = { ...defaultTravel.configs, known: null }

/**
 * Settings that a mirror holds as long as it is one, whatever the source says: its records leave when the source's do
 * (the link deletes them), the source's timestamps are kept however old, and its batches are never too large.
 */
export function heldSettings(source: TopicConfig): TopicConfig {
  const messageBytes = Math.max(MESSAGE_BYTES_MIN, Number(source['max.message.bytes'] ?? 0))
  return {
    'retention.ms': '-1',
    'retention.bytes': '-1',
    'message.timestamp.type': 'CreateTime',
    'message.timestamp.before.max.ms': LONG_MAX,
    'message.timestamp.after.max.ms': LONG_MAX,
    'max.message.bytes': String(messageBytes),
  }
}

/** Held where the destination still has it (before 4.0), since its brokers may set it for all topics. */
export const HELD_BEFORE_4 = { 'message.timestamp.difference.max.ms': LONG_MAX } as const

/** The settings of a mirror in its normal life. */
export function mirrorSettings(source: TopicConfig, rules: SettingRules = everySetting): TopicConfig {
  const held = { ...heldSettings(source), ...(rules.known !== null && HELD_BEFORE_4) }
  return knownOnly({ ...travelling(source, rules), ...held }, rules)
}

/** What the source says that the rules let travel; what a mirror holds otherwise waits until it is one no longer. */
export function travelling(source: TopicConfig, rules: SettingRules): TopicConfig {
  return Object.fromEntries(Object.entries(source).filter(([name]) => takes(rules, name)))
}

/** Settings that should travel and that the destination has no word for, as an older or newer Kafka has. */
export function unknownSettings(source: TopicConfig, rules: SettingRules): string[] {
  const { known } = rules
  return known === null ? [] : Object.keys(travelling(source, rules)).filter((name) => !known.has(name))
}

/**
 * The settings while a mirror is brought to its start offset: DeleteRecords is refused on a purely compacted topic,
 * and filler must stay the small zstd batch it is.
 */
export function seedingSettings(source: TopicConfig, rules: SettingRules = everySetting): TopicConfig {
  return { ...mirrorSettings(source, rules), 'cleanup.policy': 'delete', 'compression.type': 'producer' }
}

/** What has to be set, and what set back to its default, to get from `now` to `wanted`. */
export function configDifference(
  now: TopicConfig,
  wanted: TopicConfig,
  rules: SettingRules = everySetting,
): { readonly set: TopicConfig; readonly unset: readonly string[] } {
  const differs = ([name, value]: [string, string]) =>
    now[name] !== value && !takesMore(name, now[name], value)
  const set = Object.fromEntries(Object.entries(wanted).filter(differs))
  // What does not travel may be set at the destination by whoever likes to.
  const unset = Object.keys(now).filter((name) => !(name in wanted) && takes(rules, name))
  return { set, unset }
}

/** An operator who lets a mirror take larger batches, as MIRROR_BATCH_TOO_LARGE says, is not contradicted. */
function takesMore(name: string, now: string | undefined, wanted: string): boolean {
  return name === 'max.message.bytes' && Number(now) > Number(wanted)
}

function takes({ include, exclude }: SettingRules, name: string): boolean {
  if (LOCAL_SETTINGS.has(name)) return false
  return nameMatcher(include)(name) && !exclude.some((pattern) => nameMatcher([pattern])(name))
}

function knownOnly(settings: TopicConfig, { known }: SettingRules): TopicConfig {
  if (known === null) return settings
  return Object.fromEntries(Object.entries(settings).filter(([name]) => known.has(name)))
}

/** Whether the broker may delete whole segments of it, so that its start offset moves. */
export function deletes(config: TopicConfig): boolean {
  return (config['cleanup.policy'] ?? 'delete').split(',').some((policy) => policy.trim() === 'delete')
}
