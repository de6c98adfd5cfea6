import { compareVersions } from './versions.ts'

/** Kafka's command-line tools by the name of their scripts in `bin/`, without `kafka-` and `.sh`. */
export type KafkaToolName = keyof typeof classes

const classes = {
  acls: 'org.apache.kafka.tools.AclCommand',
  configs: 'kafka.admin.ConfigCommand',
  'console-consumer': 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  'console-producer': 'org.apache.kafka.tools.ConsoleProducer',
  'consumer-groups': 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  'consumer-perf-test': 'org.apache.kafka.tools.ConsumerPerformance',
  'delete-records': 'org.apache.kafka.tools.DeleteRecordsCommand',
  'get-offsets': 'org.apache.kafka.tools.GetOffsetShell',
  'metadata-quorum': 'org.apache.kafka.tools.MetadataQuorumCommand',
  'producer-perf-test': 'org.apache.kafka.tools.ProducerPerformance',
  topics: 'org.apache.kafka.tools.TopicCommand',
  'mirror-maker': 'org.apache.kafka.connect.mirror.MirrorMaker',
} as const

/** Where 3.9 still has the older Scala classes. */
const before4: Partial<Record<KafkaToolName, string>> = {
  acls: 'kafka.admin.AclCommand',
  'console-producer': 'kafka.tools.ConsoleProducer',
}

/** The main class of a tool in a Kafka version. */
export function toolClass(name: KafkaToolName, version: string): string {
  const old = compareVersions(version, '4.0.0') < 0 ? before4[name] : undefined
  return old ?? classes[name]
}
