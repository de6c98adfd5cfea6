import type { ApplicationKind } from '../plan.ts'
import { listed } from '../words.ts'
import type { Traces } from './care.ts'

/** An application by what it leaves on a cluster. */
export type Recognised = {
  readonly application: ApplicationKind
  readonly name: string
  readonly evidence: readonly string[]
  /** What has to travel for it. */
  readonly topics: readonly string[]
  readonly groups: readonly string[]
}

/** Every application that shows itself by names, metadata and protocols; others are as good as plain clients. */
export function recognise(traces: Traces): Recognised[] {
  return [
    ...flink(traces),
    ...streams(traces),
    ...connect(traces),
    ...debezium(traces),
    ...registries(traces),
    ...spark(traces),
    ...shares(traces),
  ]
}

/** `PREFIX-SUBTASK-COUNTER` (TransactionalIdFactory of the Flink connector); those of Streams end in one number. */
const FLINK_ID = /^(.+)-\d+-\d+$/
const STREAMS_ID = /^(.+)-[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}-\d+$/

function flink({ transactions }: Traces): Recognised[] {
  const ids = transactions.map(({ transactionalId }) => transactionalId)
  const sinks = Map.groupBy(
    ids.filter((id) => FLINK_ID.test(id) && !STREAMS_ID.test(id)),
    (id) => FLINK_ID.exec(id)![1]!,
  )
  return [...sinks].map(([prefix, own]) => ({
    application: 'flink',
    name: prefix,
    evidence: [`transactional ids ${listed(own.sort())}`],
    topics: [],
    groups: [],
  }))
}

/** `APPLICATION-STORE-changelog` beside a group of that name (StreamsConfig: the application id is both). */
function streams({ topics, groups, transactions }: Traces): Recognised[] {
  const internal = topics.filter((topic) => /-(changelog|repartition)$/.test(topic))
  return groups.flatMap((group): Recognised[] => {
    const own = internal.filter((topic) => topic.startsWith(`${group.group}-`))
    const exactly = transactions.filter(
      ({ transactionalId }) => STREAMS_ID.exec(transactionalId)?.[1] === group.group,
    )
    const evidence = [
      ...(group.type === 'streams' ? ['a group of the streams protocol'] : []),
      ...(own.length > 0 ? [`topics ${listed(own)}`] : []),
      ...(group.positions.some(({ metadata }) => isStreamTime(metadata))
        ? ['stream time in its positions']
        : []),
      ...(exactly.length > 0 ? ['transactions of exactly_once_v2'] : []),
    ]
    if (evidence.length === 0) return []
    return [{ application: 'kafka-streams', name: group.group, evidence, topics: own, groups: [group.group] }]
  })
}

/** TopicPartitionMetadata of Kafka Streams: base64 of a version (1 or 2) and a timestamp of 8 bytes. */
function isStreamTime(metadata: string | null): boolean {
  if (metadata === null || !/^[A-Za-z0-9+/]{12,}={0,2}$/.test(metadata)) return false
  const bytes = Buffer.from(metadata, 'base64')
  const at = bytes.length >= 9 ? Number(bytes.readBigInt64BE(1)) : Number.NaN
  return (bytes[0] === 1 || bytes[0] === 2) && (at === -1 || (at > 0 && at < 8.64e15))
}

/** Workers are a group of the protocol `connect`; their topics are named by whoever runs them, as a rule like this. */
const CONNECT_TOPIC =
  /(^|[._-])connect[._-].*(config|offset|status)|(^|[._-])connect-(configs|offsets|status)$/

function connect({ topics, groups }: Traces): Recognised[] {
  const own = topics.filter((topic) => CONNECT_TOPIC.test(topic))
  const workers = groups.filter(({ protocolType }) => protocolType === 'connect').map(({ group }) => group)
  if (own.length === 0 && workers.length === 0) return []
  const evidence = [
    ...(workers.length > 0 ? [`groups of workers ${listed(workers)}`] : []),
    ...(own.length > 0 ? [`topics ${listed(own)}`] : []),
  ]
  return [{ application: 'kafka-connect', name: workers[0] ?? own[0]!, evidence, topics: own, groups: [] }]
}

const DEBEZIUM_TOPIC = /^__debezium-heartbeat\.|schema-?_?(history|changes)|dbhistory/i

function debezium({ topics }: Traces): Recognised[] {
  const own = topics.filter((topic) => DEBEZIUM_TOPIC.test(topic))
  if (own.length === 0) return []
  const name = own[0]!.replace(/^__debezium-heartbeat\./, '')
  return [{ application: 'debezium', name, evidence: [`topics ${listed(own)}`], topics: own, groups: [] }]
}

const APICURIO = ['kafkasql-journal', 'kafkasql-snapshots', 'registry-events']

function registries({ topics }: Traces): Recognised[] {
  const apicurio = topics.filter((topic) => topic.endsWith('kafkasql-journal'))
  const journals = apicurio.map((journal): Recognised => {
    const own = topics.filter((topic) => APICURIO.includes(topic) || topic === journal)
    return {
      application: 'apicurio',
      name: journal,
      evidence: [`topics ${listed(own)}`],
      topics: own,
      groups: [],
    }
  })
  const schemas = topics.filter((topic) => topic === '_schemas')
  return [
    ...journals,
    ...schemas.map((topic): Recognised => {
      return {
        application: 'schema-registry',
        name: topic,
        evidence: ['topic _schemas'],
        topics: [topic],
        groups: [],
      }
    }),
  ]
}

function spark({ groups }: Traces): Recognised[] {
  const own = groups.filter(({ group }) => group.startsWith('spark-kafka-')).map(({ group }) => group)
  if (own.length === 0) return []
  return [
    { application: 'spark', name: own[0]!, evidence: [`groups ${listed(own)}`], topics: [], groups: [] },
  ]
}

function shares({ groups }: Traces): Recognised[] {
  const own = groups.filter(({ type }) => type === 'share').map(({ group }) => group)
  return own.map((group) => {
    return {
      application: 'share-group',
      name: group,
      evidence: ['a share group'],
      topics: [],
      groups: [group],
    }
  })
}
