import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Consumer } from '@platformatic/kafka'
import { KmcError } from '../../src/base/error.ts'
import { Secret } from '../../src/base/secret.ts'
import { createAcls, deleteAcls, describeAcls, type NewAcl } from '../../src/client/admin/acls.ts'
import { commitOffsets } from '../../src/client/admin/commit-offsets.ts'
import { alterConfigs, describeConfigs } from '../../src/client/admin/configs.ts'
import { createPartitions } from '../../src/client/admin/create-partitions.ts'
import { createTopics } from '../../src/client/admin/create-topics.ts'
import { deleteGroups, deleteOffsets } from '../../src/client/admin/delete-groups.ts'
import { deleteTopics } from '../../src/client/admin/delete-topics.ts'
import { describeCluster } from '../../src/client/admin/describe-cluster.ts'
import { describeGroups } from '../../src/client/admin/describe-groups.ts'
import { fetchOffsets } from '../../src/client/admin/group-offsets.ts'
import { listGroups } from '../../src/client/admin/list-groups.ts'
import { describeLogDirs } from '../../src/client/admin/log-dirs.ts'
import { describeQuorum } from '../../src/client/admin/quorum.ts'
import { alterQuotas, describeQuotas } from '../../src/client/admin/quotas.ts'
import { alterScramUsers, describeScramUsers } from '../../src/client/admin/scram-users.ts'
import { describeTopics, listTopics } from '../../src/client/admin/topics.ts'
import { Cluster } from '../../src/client/cluster.ts'
import type { Outcome } from '../../src/client/outcome.ts'
import { NEWEST, OLDEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { JavaClient } from '../harness/java/client.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

/** The admin calls on the newest and the oldest Kafka, both secured; Kafka's Java client is the judge where it can. */

const { clusters, stop } = await startClusters({
  newest: { kafka: NEWEST, security: true },
  oldest: { kafka: OLDEST, security: true },
})
const java = await JavaClient.start()
after(async () => {
  await java.close()
  await stop()
})

/** `ok`, or the name of Kafka's error or kmc's code. */
function verdicts(outcomes: readonly Outcome<unknown>[]): string[] {
  return outcomes.map((outcome) =>
    outcome.ok ? 'ok' : String(outcome.error.context.kafkaName ?? outcome.error.code),
  )
}

function values<T>(outcomes: readonly Outcome<T>[]): T[] {
  return outcomes.map((outcome) => {
    if (outcome.ok) return outcome.value
    throw outcome.error
  })
}

const SOON = { withinMs: PATIENCE_MS }

for (const version of ['newest', 'oldest'] as const) {
  describe(`on the ${version} Kafka`, { timeout: 240_000 }, async () => {
    const judge: TestCluster = clusters[version]
    const cluster = await Cluster.connect({ ...judge.config, requestTimeoutMs: 20_000 })
    after(() => cluster.close())

    test('topics are made, described, grown, configured and deleted, each with its own outcome', async () => {
      const made = await createTopics(cluster, [
        { name: 'plain', partitions: 2, configs: { 'retention.ms': '100000' } },
        { name: 'placed', assignments: [[cluster.metadata.controllerId], [cluster.metadata.controllerId]] },
        { name: 'bad name' },
        { name: 'copies', replicationFactor: 5 },
        { name: 'unset', configs: { 'no.such.setting': '1' } },
      ])
      const refusals = ['INVALID_TOPIC_EXCEPTION', 'INVALID_REPLICATION_FACTOR', 'INVALID_CONFIG']
      assert.deepEqual(verdicts(made), ['ok', 'ok', ...refusals])
      assert.equal(made[0]?.ok && made[0].value.configs?.get('retention.ms'), '100000')
      assert.deepEqual(verdicts(await createTopics(cluster, [{ name: 'plain' }])), ['TOPIC_ALREADY_EXISTS'])
      assert.deepEqual(verdicts(await createTopics(cluster, [{ name: 'checked' }], { validateOnly: true })), [
        'ok',
      ])

      const grown = await createPartitions(cluster, [
        { topic: 'plain', count: 4 },
        { topic: 'placed', count: 1 },
        { topic: 'absent', count: 2 },
      ])
      assert.deepEqual(verdicts(grown), ['ok', 'INVALID_PARTITIONS', 'UNKNOWN_TOPIC_OR_PARTITION'])
      await waitUntil(
        'Java sees four partitions',
        async () => {
          return (await java.describeTopic(judge.access, 'plain')).leaders.length === 4
        },
        SOON,
      )
      const [described, absent] = await describeTopics(cluster, ['plain', 'absent'])
      assert.equal(described?.ok && described.value.partitions.length, 4)
      assert.equal(described?.ok && made[0]?.ok && described.value.topicId === made[0].value.topicId, true)
      assert.deepEqual(verdicts([absent!]), ['UNKNOWN_TOPIC_OR_PARTITION'])
      const names = (await listTopics(cluster)).map(({ name }) => name)
      assert.deepEqual(names.filter((name) => !name.startsWith('__')).sort(), ['placed', 'plain'])

      const deleted = await deleteTopics(cluster, ['placed', 'absent'])
      assert.deepEqual(verdicts(deleted), ['ok', 'UNKNOWN_TOPIC_OR_PARTITION'])
      await waitUntil(
        'Java misses the topic',
        async () => !(await java.topics(judge.access)).includes('placed'),
        SOON,
      )
    })

    test('configurations are read and changed setting by setting', async () => {
      await createTopics(cluster, [{ name: 'settings', configs: { 'retention.ms': '5000' } }])
      const changes = [
        { name: 'cleanup.policy', operation: 'append', value: 'compact' },
        { name: 'segment.ms', operation: 'set', value: '7000' },
      ] as const
      const changed = await alterConfigs(cluster, [{ type: 'topic', name: 'settings', changes }])
      assert.deepEqual(verdicts(changed), ['ok'])
      const wrong = {
        type: 'topic',
        name: 'settings',
        changes: [{ name: 'no.such', operation: 'set', value: '1' }],
      } as const
      assert.deepEqual(verdicts(await alterConfigs(cluster, [wrong])), ['INVALID_CONFIG'])
      const names = ['cleanup.policy', 'retention.ms', 'segment.ms', 'max.message.bytes']
      const read = async (): Promise<string[]> => {
        const [entries] = values(await describeConfigs(cluster, [{ type: 'topic', name: 'settings', names }]))
        return entries!.map(({ name, value, source, type }) => `${name}=${value} ${source} ${type}`).sort()
      }
      const expected = [
        'cleanup.policy=delete,compact topic list',
        'max.message.bytes=1048588 default int',
        'retention.ms=5000 topic long',
        'segment.ms=7000 topic long',
      ]
      await waitUntil('the settings are there', async () => (await read()).join() === expected.join(), {
        ...SOON,
        lastSeen: read,
      })
      const back = {
        type: 'topic',
        name: 'settings',
        changes: [{ name: 'retention.ms', operation: 'delete' }],
      } as const
      assert.deepEqual(verdicts(await alterConfigs(cluster, [back])), ['ok'])
      const node = String(cluster.metadata.brokers[0]!.nodeId)
      const [broker] = values(
        await describeConfigs(cluster, [
          { type: 'broker', name: node, names: ['ssl.keystore.password', 'log.dirs'] },
        ]),
      )
      const secret = broker?.find(({ name }) => name === 'ssl.keystore.password')
      assert.deepEqual([secret?.value, secret?.isSensitive, secret?.source], [null, true, 'static-broker'])
    })

    test('positions of groups are written and read as Java sees them', async () => {
      await createTopics(cluster, [{ name: 'read', partitions: 3 }])
      const committed = await commitOffsets(cluster, [
        {
          groupId: 'first',
          offsets: [
            { topic: 'read', partition: 0, offset: 0, metadata: 'a note' },
            { topic: 'read', partition: 2, offset: 0, metadata: null },
            { topic: 'missing', partition: 0, offset: 1, metadata: null },
          ],
        },
        { groupId: 'second', offsets: [{ topic: 'read', partition: 1, offset: 0, metadata: '' }] },
      ])
      assert.deepEqual(committed.map(verdicts), [['ok', 'ok', 'UNKNOWN_TOPIC_OR_PARTITION'], ['ok']])
      const positions = await java.positions(judge.access, 'first')
      assert.deepEqual(Object.keys(positions).sort(), ['read-0', 'read-2'])
      const [first, second, none] = values(
        await fetchOffsets(cluster, [
          { groupId: 'first' },
          { groupId: 'second', partitions: [0, 1].map((partition) => ({ topic: 'read', partition })) },
          { groupId: 'unheard of' },
        ]),
      )
      assert.deepEqual(
        first
          ?.map(({ partition, offset, leaderEpoch, metadata }) => [partition, offset, leaderEpoch, metadata])
          .sort(),
        [
          [0, 0, -1, 'a note'],
          [2, 0, -1, ''],
        ],
      )
      assert.deepEqual(
        second?.map(({ partition, offset }) => [partition, offset]),
        [
          [0, -1],
          [1, 0],
        ],
      )
      assert.deepEqual(none, [])
      const partitions = [{ topic: 'read', partition: 2 }]
      assert.deepEqual(verdicts(await deleteOffsets(cluster, 'first', partitions)), ['ok'])
      assert.deepEqual(Object.keys(await java.positions(judge.access, 'first')), ['read-0'])
      await assert.rejects(deleteOffsets(cluster, 'unheard of', partitions), {
        kafkaName: 'GROUP_ID_NOT_FOUND',
      })
    })

    test('groups are listed and described with their members, and deleted when they are empty', async () => {
      await createTopics(cluster, [{ name: 'joined', partitions: 2 }])
      await java.join(judge.access, `${version}-member`, 'classic-group', ['joined'])
      const described = await waitUntil(
        'the group is stable',
        async () => {
          const [group] = values(await describeGroups(cluster, ['classic-group']))
          return group?.state === 'Stable' && group.members[0]?.assignment?.length === 1 ? group : false
        },
        SOON,
      )
      assert.equal(described.type, 'classic')
      assert.equal(described.protocolType, 'consumer')
      assert.deepEqual(described.members[0]?.assignment, [{ topic: 'joined', partitions: [0, 1] }])
      const busy = [
        { groupId: 'classic-group', offsets: [{ topic: 'joined', partition: 0, offset: 0, metadata: null }] },
      ]
      assert.deepEqual((await commitOffsets(cluster, busy)).map(verdicts), [['UNKNOWN_MEMBER_ID']])
      assert.deepEqual(verdicts(await deleteGroups(cluster, ['classic-group'])), ['NON_EMPTY_GROUP'])
      const { groups, failures } = await listGroups(cluster, { states: ['Stable'], types: ['classic'] })
      assert.deepEqual(failures, [])
      assert.deepEqual(
        groups.map(({ groupId, state, type }) => [groupId, state, type]),
        [['classic-group', 'Stable', 'classic']],
      )
      await java.leave(`${version}-member`)
      const emptied = () =>
        listGroups(cluster, { states: ['Empty'] }).then((all) =>
          all.groups.some((g) => g.groupId === 'classic-group'),
        )
      await waitUntil('the group is empty', emptied, SOON)
      assert.deepEqual(verdicts(await deleteGroups(cluster, ['classic-group', 'unheard of'])), [
        'ok',
        'GROUP_ID_NOT_FOUND',
      ])
      assert.deepEqual(verdicts(await describeGroups(cluster, ['classic-group'])), ['GROUP_ID_NOT_FOUND'])
    })

    test('ACLs and SCRAM users are made, seen and removed, and they count', async () => {
      await createTopics(cluster, [{ name: 'private' }])
      const user = { user: 'guest', mechanism: 'SCRAM-SHA-512' } as const
      const password = new Secret('guest-word')
      assert.deepEqual(verdicts(await alterScramUsers(cluster, [{ ...user, action: 'set', password }])), [
        'ok',
      ])
      const unknown = { user: 'nobody', mechanism: 'SCRAM-SHA-256', action: 'delete' } as const
      assert.deepEqual(verdicts(await alterScramUsers(cluster, [unknown])), ['RESOURCE_NOT_FOUND'])
      const config = {
        ...judge.config,
        sasl: { mechanism: 'SCRAM-SHA-512', username: 'guest', password },
      } as const
      const guest = await waitUntil('the guest may sign in', () => Cluster.connect(config), SOON)
      try {
        const see = async (): Promise<string[]> => verdicts(await describeTopics(guest, ['private']))
        assert.deepEqual(await see(), ['TOPIC_AUTHORIZATION_FAILED'])
        const on = { resourceType: 'topic', resourceName: 'priv', patternType: 'prefixed' } as const
        const acl: NewAcl = {
          ...on,
          principal: 'User:guest',
          host: '*',
          operation: 'describe',
          permission: 'allow',
        }
        assert.deepEqual(verdicts(await createAcls(cluster, [acl])), ['ok'])
        await waitUntil('the guest sees the topic', async () => (await see())[0] === 'ok', SOON)
        assert.deepEqual(await describeAcls(cluster, { principal: 'User:guest' }), [acl])
        await assert.rejects(describeAcls(guest), {
          kafkaName: 'CLUSTER_AUTHORIZATION_FAILED',
          retriable: false,
        })
        const [removed] = values(await deleteAcls(cluster, [{ principal: 'User:guest' }]))
        assert.deepEqual(values(removed!), [acl])
      } finally {
        await guest.close()
      }
      const users = values(await describeScramUsers(cluster, { users: ['guest', 'nobody'] }))
      assert.deepEqual(users, [
        { user: 'guest', credentials: [{ mechanism: 'SCRAM-SHA-512', iterations: 8192 }] },
      ])
      assert.deepEqual(verdicts(await alterScramUsers(cluster, [{ ...user, action: 'delete' }])), ['ok'])
      const refused = async (): Promise<boolean> => {
        const again = await Cluster.connect(config).catch((error: unknown) => error)
        if (again instanceof Cluster) await again.close()
        return again instanceof KmcError && again.code === 'AUTHENTICATION_FAILED'
      }
      await waitUntil('the guest is shut out', refused, SOON)
    })

    test('quotas are set, found and removed', async () => {
      const entity = { user: 'guest', 'client-id': null }
      const [set, wrong] = await alterQuotas(cluster, [
        { entity, values: { producer_byte_rate: 1000 } },
        { entity: { user: 'other' }, values: { no_such_quota: 1 } },
      ])
      assert.deepEqual(verdicts([set!, wrong!]), ['ok', 'INVALID_REQUEST'])
      const find = () => describeQuotas(cluster, { user: 'guest' })
      const found = await waitUntil('the quota is there', async () => (await find())[0], SOON)
      assert.deepEqual(found, { entity, values: new Map([['producer_byte_rate', 1000]]) })
      assert.deepEqual(
        verdicts(await alterQuotas(cluster, [{ entity, values: { producer_byte_rate: null } }])),
        ['ok'],
      )
      await waitUntil('the quota is gone', async () => (await find()).length === 0, SOON)
    })

    test('cluster, disks and quorum say where they are', async () => {
      const { clusterId, brokers } = await describeCluster(cluster)
      assert.equal(clusterId, judge.clusterId)
      assert.equal(brokers.length, (await java.describeCluster(judge.access)).brokers)
      const { logDirs, failures } = await describeLogDirs(cluster)
      assert.deepEqual(failures, [])
      assert.ok(logDirs[0]!.partitions.some(({ topic }) => topic === '__consumer_offsets'))
      assert.ok(logDirs[0]!.totalBytes! > 0)
      const quorum = await describeQuorum(cluster)
      assert.deepEqual(
        quorum.voters.map(({ nodeId }) => nodeId),
        judge.brokers,
      )
      assert.ok(quorum.highWatermark > 0)
    })
  })
}

test('a group of the new consumer protocol is described like any other', { timeout: 240_000 }, async () => {
  const { config, access } = clusters.newest
  await using cluster = await Cluster.connect(config)
  await createTopics(cluster, [{ name: 'kip848', partitions: 2 }])
  const { username, password } = access.user!
  const consumer = new Consumer({
    groupId: 'new-group',
    clientId: 'new-client',
    bootstrapBrokers: [...access.bootstrap],
    groupProtocol: 'consumer',
    tls: { ca: config.tls!.ca! },
    sasl: { mechanism: 'SCRAM-SHA-512', username, password },
  })
  try {
    await consumer.joinGroup({})
    const stream = await consumer.consume({ topics: ['kip848'], autocommit: false })
    const described = await waitUntil(
      'the group has its partitions',
      async () => {
        const [group] = values(await describeGroups(cluster, ['new-group']))
        return group?.members[0]?.assignment?.length === 1 ? group : false
      },
      SOON,
    )
    assert.equal(described.type, 'consumer')
    assert.ok(described.epoch! > 0)
    assert.equal(described.members[0]!.clientId, 'new-client')
    assert.deepEqual(described.members[0]!.assignment, [{ topic: 'kip848', partitions: [0, 1] }])
    const { groups } = await listGroups(cluster, { types: ['consumer'] })
    assert.deepEqual(
      groups.map(({ groupId, type }) => [groupId, type]),
      [['new-group', 'consumer']],
    )
    await stream.close()
  } finally {
    await consumer.close(true)
  }
})
