import { buildBatch } from '../../../src/wire/batch/build.ts'

/** The topic that the sweep reads and writes. */
export type SweepTarget = { readonly topic: string; readonly topicId: string }

type Body = (version: number, target: SweepTarget) => object | undefined

const GROUP = 'classic-group'
const PARTITION = 0

/**
 * What the sweep asks of an API in a version: enough to get more than an empty answer, nothing that changes what
 * later steps need. APIs without an entry are asked with all defaults; undefined leaves the version out.
 */
export function sweepBody(api: string, version: number, target: SweepTarget): object | undefined {
  const body = bodies[api]
  return body === undefined ? {} : body(version, target)
}

const named = (version: number, idsFrom: number, { topic, topicId }: SweepTarget, key: string) =>
  version < idsFrom ? { [key]: topic } : { topicId }

const bodies: Readonly<Record<string, Body>> = {
  // Versions below 3 carry the formats before batches.
  Produce: (version, target) =>
    version < 3
      ? undefined
      : {
          acks: -1,
          timeoutMs: 5000,
          topicData: [
            {
              ...named(version, 13, target, 'name'),
              partitionData: [{ index: PARTITION, records: batchOf(version) }],
            },
          ],
        },
  Fetch: (version, target) => ({
    minBytes: 1,
    maxBytes: 1500,
    isolationLevel: 1,
    ...(version >= 4 ? {} : { isolationLevel: 0 }),
    topics: [
      {
        ...named(version, 13, target, 'topic'),
        partitions: [{ partition: PARTITION, partitionMaxBytes: 700 }],
      },
    ],
  }),
  ListOffsets: (version, { topic }) => ({
    replicaId: -1,
    topics: [
      {
        name: topic,
        partitions: [
          { partitionIndex: PARTITION, timestamp: -1, ...(version === 0 ? { maxNumOffsets: 1 } : {}) },
        ],
      },
    ],
  }),
  Metadata: (_, { topic }) => ({ topics: [{ name: topic }] }),
  OffsetCommit: (version, target) => ({
    groupId: 'sweep-group',
    ...(version >= 1 ? { generationIdOrMemberEpoch: -1 } : {}),
    topics: [
      {
        ...named(version, 10, target, 'name'),
        partitions: [{ partitionIndex: PARTITION, committedOffset: 1, committedMetadata: `v${version}` }],
      },
    ],
  }),
  OffsetFetch: (version, target) =>
    version < 8
      ? { groupId: GROUP, topics: [{ name: target.topic, partitionIndexes: [PARTITION] }] }
      : {
          groups: [
            {
              groupId: GROUP,
              topics: [{ ...named(version, 10, target, 'name'), partitionIndexes: [PARTITION] }],
            },
          ],
        },
  FindCoordinator: (version) => (version < 4 ? { key: GROUP } : { coordinatorKeys: [GROUP, 'sweep-group'] }),
  DescribeGroups: () => ({ groups: [GROUP, 'none'] }),
  ApiVersions: (version) => (version < 3 ? {} : { clientSoftwareName: 'kmc', clientSoftwareVersion: '1' }),
  CreateTopics: (version, { topic }) => ({
    topics: [
      {
        name: `${topic}-copy`,
        numPartitions: 1,
        replicationFactor: 1,
        configs: [{ name: 'retention.ms', value: '5' }],
      },
      { name: topic, numPartitions: 1, replicationFactor: 1 },
    ],
    ...(version >= 1
      ? { validateOnly: true }
      : { topics: [{ name: topic, numPartitions: 1, replicationFactor: 1 }] }),
  }),
  DeleteRecords: (_, { topic }) => ({
    topics: [{ name: topic, partitions: [{ partitionIndex: PARTITION, offset: 0 }] }],
    timeoutMs: 5000,
  }),
  InitProducerId: () => ({ transactionTimeoutMs: 1000 }),
  OffsetForLeaderEpoch: (_, { topic }) => ({
    replicaId: -1,
    topics: [{ topic, partitions: [{ partition: PARTITION, leaderEpoch: 0 }] }],
  }),
  AddPartitionsToTxn: (version, { topic }) =>
    version < 4
      ? {
          v3AndBelowTransactionalId: 'txn-1',
          v3AndBelowProducerId: 1,
          v3AndBelowTopics: [{ name: topic, partitions: [PARTITION] }],
        }
      : {
          transactions: [
            { transactionalId: 'txn-1', producerId: 1, topics: [{ name: topic, partitions: [PARTITION] }] },
          ],
        },
  WriteTxnMarkers: () => ({ markers: [] }),
  DescribeConfigs: (_, { topic }) => ({
    resources: [
      { resourceType: 2, resourceName: topic, configurationKeys: ['retention.ms', 'cleanup.policy'] },
    ],
  }),
  DescribeLogDirs: (_, { topic }) => ({ topics: [{ topic, partitions: [PARTITION] }] }),
  CreatePartitions: (_, { topic }) => ({
    topics: [{ name: topic, count: 5 }],
    validateOnly: true,
    timeoutMs: 5000,
  }),
  IncrementalAlterConfigs: (_, { topic }) => ({
    validateOnly: true,
    resources: [
      {
        resourceType: 2,
        resourceName: topic,
        configs: [{ name: 'retention.ms', configOperation: 0, value: '77' }],
      },
    ],
  }),
  AlterConfigs: (_, { topic }) => ({
    validateOnly: true,
    resources: [{ resourceType: 2, resourceName: topic, configs: [{ name: 'retention.ms', value: '77' }] }],
  }),
  DescribeAcls: (version) => ({
    resourceTypeFilter: 1,
    operation: 1,
    permissionType: 1,
    ...(version >= 1 ? { patternTypeFilter: 1 } : {}),
  }),
  DescribeProducers: (_, { topic }) => ({ topics: [{ name: topic, partitionIndexes: [PARTITION] }] }),
  DescribeTransactions: () => ({ transactionalIds: ['txn-1'] }),
  DescribeQuorum: () => ({
    topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }],
  }),
  DescribeTopicPartitions: (_, { topic }) => ({ topics: [{ name: topic }], responsePartitionLimit: 10 }),
  ConsumerGroupDescribe: () => ({ groupIds: ['new-group'] }),
  ShareGroupDescribe: () => ({ groupIds: ['share-group'] }),
  DescribeShareGroupOffsets: () => ({ groups: [{ groupId: 'share-group' }] }),
  JoinGroup: (version) => ({
    groupId: 'sweep-join',
    sessionTimeoutMs: 6000,
    ...(version >= 1 ? { rebalanceTimeoutMs: 6000 } : {}),
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]) }],
  }),
  SaslHandshake: () => ({ mechanism: 'PLAIN' }),
}

/** A batch in a codec that changes with the version; zstd only since Produce v7. */
function batchOf(version: number): Buffer {
  const codec = version % (version < 7 ? 4 : 5)
  const value = Buffer.from(`written by kmc through Produce v${version} `.repeat(4))
  const records = [0, 1, 2].map((i) => ({
    timestamp: 1_700_000_001_000 + i,
    key: Buffer.from(`k${i}`),
    value,
  }))
  return buildBatch({ records, codec })
}
