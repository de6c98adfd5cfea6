import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { KmcError } from '../../src/base/error.ts'
import { silentLog } from '../../src/base/log.ts'
import { Secret } from '../../src/base/secret.ts'
import type { ClusterConfig } from '../../src/client/config.ts'
import { Link } from '../../src/link/link.ts'
import { NEWEST, OLDEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { kcat } from '../harness/drivers/kcat.ts'
import { type Acl, JavaClient } from '../harness/java/client.ts'
import { assertSameOnBothSides, awaitInStep, linkSpec, TestLink } from '../harness/links.ts'
import { assertSameRecords, bytesOf } from '../harness/records.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'
import { numbered, workloads } from '../harness/workloads.ts'
import { need } from '../kit/need.ts'

/** SASL_SSL on both sides, authorizers that deny by default, and a user for the link with the least that it needs. */

const { clusters, stop } = await startClusters({
  source: { kafka: OLDEST, security: true },
  destination: { kafka: NEWEST, security: true },
})
const java = await JavaClient.start()
const { source, destination } = clusters
const noKcat = await need('kcat')
const USER = 'link'
const PASSWORD = 'a-password-of-the-test'
const CLUSTER = { resource: 'CLUSTER', name: 'kafka-cluster' } as const

const everyTopic = (operation: string): Acl => ({ user: USER, resource: 'TOPIC', name: '*', operation })
const everyGroup = (operation: string): Acl => ({ user: USER, resource: 'GROUP', name: '*', operation })
const ofCluster = (operation: string): Acl => ({ user: USER, ...CLUSTER, operation })

/** Rights at the source: to read, never to write. */
const sourceRights: readonly Acl[] = [
  everyTopic('READ'),
  // Comes with READ; named here so that a topic whose READ is taken away stays visible.
  everyTopic('DESCRIBE'),
  everyTopic('DESCRIBE_CONFIGS'),
  everyGroup('DESCRIBE'),
]
const destinationRights: readonly Acl[] = [
  ...['READ', 'WRITE', 'CREATE', 'DELETE', 'ALTER_CONFIGS', 'ALTER'].map(everyTopic),
  ofCluster('ALTER'),
  everyGroup('READ'),
]

function as(username: string, password: string, cluster: TestCluster): ClusterConfig {
  const sasl = { mechanism: 'SCRAM-SHA-512', username, password: new Secret(password) } as const
  return { ...cluster.config, sasl }
}
const spec = linkSpec('secured', source, destination, {
  source: as(USER, PASSWORD, source),
  destination: as(USER, PASSWORD, destination),
})
let link: TestLink | null = null

before(async () => {
  for (const cluster of [source, destination]) await java.createUser(cluster.access, USER, PASSWORD)
  await java.addAcls(source.access, sourceRights)
  await java.addAcls(destination.access, destinationRights)
  for (const { topic, fill } of workloads) {
    if (['plain', 'transactions', 'late-start'].includes(topic)) await fill(java, source.access)
  }
})

after(async () => {
  await link?.stop()
  await java.close()
  await stop()
})

test('with exactly these rights everything is mirrored, groups included', async () => {
  link = await TestLink.start(spec)
  for (const topic of ['plain', 'transactions', 'late-start']) {
    await awaitInStep(java, { source, destination, topic })
    await assertSameOnBothSides(java, { source, destination, topic })
  }
  await java.consume(source.access, 'readers', ['plain'], { count: 77 })
  const isMoved = async () => {
    const [here, there] = await Promise.all(
      [destination, source].map((cluster) => java.positions(cluster.access, 'readers')),
    )
    const offsets = (side: typeof here) => Object.entries(side!).map(([at, { offset }]) => `${at}=${offset}`)
    return offsets(there).length > 0 && `${offsets(here)}` === `${offsets(there)}`
  }
  const lastSeen = () => link?.status().groups
  await waitUntil('positions are carried over', isMoved, { withinMs: PATIENCE_MS, lastSeen })
})

test('kcat reads the same on both sides over SASL_SSL', { skip: noKcat }, async () => {
  // librdkafka before 2.6.1 repeats its nonce in SCRAM, which brokers of 4.x refuse.
  const [there, here] = await Promise.all(
    [source, destination].map(({ access }) =>
      kcat.read({ ...access, user: { ...access.user!, mechanism: 'PLAIN' } }, 'plain', { atLeast: 0 }),
    ),
  )
  assert.ok(there!.length > 0)
  assertSameRecords('plain', there!, here!)
})

describe('a missing right is a fault that says what is missing', () => {
  const cases: {
    side: TestCluster
    acl: Acl
    disturb: () => Promise<void>
    topic: string
    patient: boolean
  }[] = [
    {
      side: destination,
      acl: everyTopic('WRITE'),
      patient: true,
      topic: 'plain',
      disturb: async () => {
        await java.produce(source.access, 'plain', numbered('unwelcome', 8, 4))
      },
    },
    {
      side: destination,
      acl: ofCluster('ALTER'),
      patient: false,
      topic: 'transactions',
      disturb: async () => {
        await java.open(source.access, 'gap', { transactionalId: 'gap' })
        await java.transaction('gap', 'begin')
        await java.send('gap', 'transactions', numbered('gap', 4, 2))
        await java.transaction('gap', 'abort')
        await java.closeProducer('gap')
      },
    },
    {
      side: source,
      acl: everyTopic('READ'),
      patient: false,
      topic: 'plain',
      disturb: async () => {
        await java.produce(source.access, 'plain', numbered('unseen', 8, 4))
      },
    },
  ]
  for (const { side, acl, disturb, topic, patient } of cases) {
    test(`${acl.operation} ${acl.resource} on the ${side.name}`, async () => {
      await java.removeAcls(side.access, [acl])
      try {
        await disturb()
        const fault = await link!.awaitFault('NOT_AUTHORIZED', topic)
        assert.match(fault.remedy, new RegExp(acl.operation))
      } finally {
        await java.addAcls(side.access, [acl])
      }
      // The link tries again by itself every half minute; a new worker does so at once.
      if (!patient) {
        await link!.stop()
        link = await TestLink.start(spec)
      }
      await awaitInStep(java, { source, destination, topic })
      await assertSameOnBothSides(java, { source, destination, topic })
      const isCured = () => link!.mirror(topic)?.state === 'active' && link!.status().fault === null
      await waitUntil('the fault is gone', isCured, { withinMs: PATIENCE_MS, lastSeen: () => link!.status() })
    })
  }
})

describe('who does not belong does not get in, and is told why', () => {
  async function refusal(change: { source?: ClusterConfig; destination?: ClusterConfig }): Promise<KmcError> {
    try {
      const started = await Link.start({ ...spec, name: 'intruder', ...change }, { log: silentLog })
      await started.stop()
    } catch (error) {
      assert.ok(error instanceof KmcError, String(error))
      assert.ok(!JSON.stringify(error).includes('wrong-password'))
      return error
    }
    return assert.fail('the link started')
  }

  test('a user without READ at the destination', async () => {
    await java.removeAcls(destination.access, [everyTopic('READ')])
    const error = await refusal({})
    await java.addAcls(destination.access, [everyTopic('READ')])
    assert.equal(error.code, 'NOT_AUTHORIZED')
    assert.match(error.remedy ?? '', /READ/)
  })

  test('a wrong password', async () => {
    const error = await refusal({ source: as(USER, 'wrong-password', source) })
    assert.equal(error.code, 'AUTHENTICATION_FAILED')
    assert.equal(error.retriable, false)
    assert.ok((error.remedy ?? '') !== '')
  })

  test('a certificate that nobody vouches for', async () => {
    const config = as(USER, PASSWORD, destination)
    const error = await refusal({ destination: { ...config, tls: { ca: source.config.tls!.ca! } } })
    assert.match(error.code, /TLS|CERTIFICATE/)
    assert.ok((error.remedy ?? '') !== '')
  })

  test('no TLS where the cluster speaks it', async () => {
    const { name, bootstrap } = destination.config
    const error = await refusal({ destination: { name, bootstrap } })
    assert.match(`${error.code} ${error.message} ${error.remedy}`, /TLS/)
  })
})

test('what is named in full and may not be seen is a fault, not silence', async () => {
  const hidden = [everyTopic('READ'), everyTopic('DESCRIBE')]
  await java.removeAcls(source.access, [...hidden, everyGroup('DESCRIBE')])
  const names = { topics: ['plain'], groups: ['readers'] }
  const blind = await TestLink.start({ ...spec, ...names, name: 'blind', prefix: 'blind.' })
  try {
    await blind.awaitFault('SOURCE_TOPIC_MISSING', 'plain')
    await java.addAcls(source.access, hidden)
    await awaitInStep(java, { source, destination, topic: 'plain', mirror: 'blind.plain' })
    const groupIs = (state: string, code?: string) => () =>
      blind.status().groups.some((group) => group.state === state && group.fault?.code === code)
    const options = { withinMs: PATIENCE_MS, lastSeen: () => blind.status().groups }
    await waitUntil('the group is missed', groupIs('waiting', 'GROUP_MISSING'), options)
    await java.addAcls(source.access, [everyGroup('DESCRIBE')])
    await waitUntil('the group is there', groupIs('in-step'), options)
  } finally {
    await blind.stop()
    await java.addAcls(source.access, sourceRights)
  }
})

test('new partitions need no further right', async () => {
  await java.addPartitions(source.access, 'plain', 5)
  await java.produce(source.access, 'plain', [{ partition: 4, value: bytesOf('fifth') }])
  await awaitInStep(java, { source, destination, topic: 'plain' })
})

test('nothing was written to the source', async () => {
  const topics = await java.topics(source.access)
  assert.deepEqual(
    topics.filter((name) => name.startsWith('__kmc')),
    [],
  )
  await assert.rejects(
    java.produce(
      { ...source.access, user: { mechanism: 'SCRAM-SHA-512', username: USER, password: PASSWORD } },
      'plain',
      [{ partition: 0, value: bytesOf('x') }],
    ),
    /Authorization/,
  )
})
