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
])

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

/** The settings of a mirror in its normal life. */
export function mirrorSettings(source: TopicConfig): TopicConfig {
  const travelling = Object.entries(source).filter(([name]) => !LOCAL_SETTINGS.has(name))
  return { ...Object.fromEntries(travelling), ...heldSettings(source) }
}

/**
 * The settings while a mirror is brought to its start offset: DeleteRecords is refused on a purely compacted topic,
 * and filler must stay the small zstd batch it is.
 */
export function seedingSettings(source: TopicConfig): TopicConfig {
  return { ...mirrorSettings(source), 'cleanup.policy': 'delete', 'compression.type': 'producer' }
}

/** What has to be set, and what set back to its default, to get from `now` to `wanted`. */
export function configDifference(
  now: TopicConfig,
  wanted: TopicConfig,
): { readonly set: TopicConfig; readonly unset: readonly string[] } {
  const set = Object.fromEntries(Object.entries(wanted).filter(([name, value]) => now[name] !== value))
  const unset = Object.keys(now).filter((name) => !(name in wanted) && !LOCAL_SETTINGS.has(name))
  return { set, unset }
}

/** Whether the broker may delete whole segments of it, so that its start offset moves. */
export function deletes(config: TopicConfig): boolean {
  return (config['cleanup.policy'] ?? 'delete').split(',').some((policy) => policy.trim() === 'delete')
}
