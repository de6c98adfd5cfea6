/** Kafka's numbers for what has a configuration (org.apache.kafka.common.config.ConfigResource.Type). */
const resourceTypes = { topic: 2, broker: 4, 'broker-logger': 8, 'client-metrics': 16, group: 32 } as const

export type ConfigResourceType = keyof typeof resourceTypes

/** Where a value comes from (DescribeConfigsResponse.ConfigSource), by Kafka's number. */
const sources = [
  'unknown',
  'topic',
  'dynamic-broker',
  'dynamic-default-broker',
  'static-broker',
  'default',
  'broker-logger',
  'client-metrics',
  'group',
] as const

export type ConfigSource = (typeof sources)[number]

/** What a value looks like (DescribeConfigsResponse.ConfigType), by Kafka's number. */
const types = [
  'unknown',
  'boolean',
  'string',
  'int',
  'short',
  'long',
  'double',
  'list',
  'class',
  'password',
] as const

export type ConfigType = (typeof types)[number]

/** What to do with one setting (AlterConfigOp.OpType), by Kafka's number; append and subtract are for lists. */
const operations = { set: 0, delete: 1, append: 2, subtract: 3 } as const

export type ConfigOperation = keyof typeof operations

export function resourceTypeCode(type: ConfigResourceType): number {
  return resourceTypes[type]
}

export function configSource(code: number): ConfigSource {
  return sources[code] ?? 'unknown'
}

export function configType(code: number): ConfigType {
  return types[code] ?? 'unknown'
}

export function operationCode(operation: ConfigOperation): number {
  return operations[operation]
}
