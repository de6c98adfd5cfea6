import { z } from 'zod'
import type { ConfigSource } from '../../client/admin/config-codes.ts'
import type { ConfigEntry } from '../../client/admin/configs.ts'
import { resource, resourceOf } from './shape.ts'

const synonym = z.object({ name: z.string(), value: z.string().nullable(), source: z.string() })

const fields = {
  cluster_id: z.string(),
  name: z.string(),
  /** Null for secrets, which brokers never give out. */
  value: z.string().nullable(),
  is_default: z.boolean(),
  is_read_only: z.boolean(),
  is_sensitive: z.boolean(),
  source: z.string(),
  synonyms: z.array(synonym),
}

export const topicConfig = resourceOf('KafkaTopicConfig', { ...fields, topic_name: z.string() })
export const brokerConfig = resourceOf('KafkaBrokerConfig', { ...fields, broker_id: z.int() })
export const clusterConfig = resourceOf('KafkaClusterConfig', { ...fields, config_type: z.string() })

/** Confluent's words for where a value comes from (ConfigEntry.ConfigSource). */
const sources: Readonly<Record<ConfigSource, string>> = {
  unknown: 'UNKNOWN',
  topic: 'DYNAMIC_TOPIC_CONFIG',
  'dynamic-broker': 'DYNAMIC_BROKER_CONFIG',
  'dynamic-default-broker': 'DYNAMIC_DEFAULT_BROKER_CONFIG',
  'static-broker': 'STATIC_BROKER_CONFIG',
  default: 'DEFAULT_CONFIG',
  'broker-logger': 'DYNAMIC_BROKER_LOGGER_CONFIG',
  'client-metrics': 'DYNAMIC_CLIENT_METRICS_CONFIG',
  group: 'DYNAMIC_GROUP_CONFIG',
}

/** One setting. `self`: the list it stands in; `own`: what tells whose it is. */
export function configResource<const Kind extends string, Own extends object>(
  kind: Kind,
  { self, crn, clusterId, own }: ConfigOwner<Own>,
  { name, value, source, isReadOnly, isSensitive, synonyms }: ConfigEntry,
) {
  return resource(
    kind,
    { path: `${self}/${encodeURIComponent(name)}`, crn: `${crn}/config=${name}` },
    {
      cluster_id: clusterId,
      ...own,
      ...{ name, value },
      is_default: source === 'default',
      is_read_only: isReadOnly,
      is_sensitive: isSensitive,
      source: sources[source],
      synonyms: synonyms.map((one) => ({ name: one.name, value: one.value, source: sources[one.source] })),
    },
  )
}

/** Whose settings they are: the path of their list, Confluent's name, and the fields that say so. */
export type ConfigOwner<Own> = {
  readonly self: string
  readonly crn: string
  readonly clusterId: string
  readonly own: Own
}
