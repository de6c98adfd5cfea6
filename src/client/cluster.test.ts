import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { SCRIPTED_CLUSTER_ID, type Script, ScriptedBroker } from '../../test/kit/scripted-broker.ts'
import type { Input } from '../wire/api.ts'
import { ListOffsets } from '../wire/apis/002-list-offsets.ts'
import { Metadata, type MetadataResponse } from '../wire/apis/003-metadata.ts'
import { OffsetFetch } from '../wire/apis/009-offset-fetch.ts'
import { FindCoordinator } from '../wire/apis/010-find-coordinator.ts'
import { ListGroups } from '../wire/apis/016-list-groups.ts'
import { SaslHandshake } from '../wire/apis/017-sasl-handshake.ts'
import { CreateTopics } from '../wire/apis/019-create-topics.ts'
import { createTopics } from './admin/create-topics.ts'
import { fetchOffsets } from './admin/group-offsets.ts'
import { listGroups } from './admin/list-groups.ts'
import { Cluster } from './cluster.ts'
import type { ClusterConfig } from './config.ts'
import { listOffsets } from './list-offsets.ts'

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

function configOf(bootstrap: readonly string[], more: Partial<ClusterConfig> = {}): ClusterConfig {
  return { name: 'test', bootstrap, connectTimeoutMs: 2_000, requestTimeoutMs: 3_000, ...more }
}

/** Two brokers of one cluster; `leader` leads partition 0 of topic `t`. */
async function startPair(scripts: readonly [Script, Script], state: { leader: number; controller: number }) {
  const ports: number[] = []
  const metadata = (): Input<MetadataResponse> => ({
    clusterId: SCRIPTED_CLUSTER_ID,
    controllerId: state.controller,
    brokers: ports.map((port, at) => ({ nodeId: at + 1, host: '127.0.0.1', port })),
    topics: [
      {
        name: 't',
        topicId: TOPIC_ID,
        partitions: [{ partitionIndex: 0, leaderId: state.leader, leaderEpoch: state.leader }],
      },
    ],
  })
  const script: Script = { [Metadata.key]: ({ answer }) => answer(Metadata, metadata()) }
  const first = await ScriptedBroker.start({ ...script, ...scripts[0] })
  const second = await ScriptedBroker.start({ ...script, ...scripts[1] })
  ports.push(first.port, second.port)
  const pair = {
    first,
    second,
    bootstrap: first.bootstrap,
    async [Symbol.asyncDispose](): Promise<void> {
      await first[Symbol.asyncDispose]()
      await second[Symbol.asyncDispose]()
    },
  }
  return pair
}

describe('finding the cluster', () => {
  test('one address that answers is enough, and its connection is kept', async () => {
    await using broker = await ScriptedBroker.start()
    await using cluster = await Cluster.connect(configOf(['127.0.0.1:1', ...broker.bootstrap]))
    assert.equal(cluster.clusterId, SCRIPTED_CLUSTER_ID)
    assert.deepEqual(
      cluster.metadata.brokers.map(({ nodeId }) => nodeId),
      [1],
    )
    await cluster.refresh()
    assert.equal(cluster.connections.length, 1)
    assert.equal(broker.sockets.size, 1)
  })

  test('when none answers, each address and its reason is told', async () => {
    const connecting = Cluster.connect(configOf(['127.0.0.1:1', 'nowhere.invalid:9092']))
    await assert.rejects(connecting, (error: Error & { code?: string; retriable?: boolean }) => {
      assert.equal(error.code, 'BOOTSTRAP_UNREACHABLE')
      assert.equal(error.retriable, true)
      assert.match(error.message, /127\.0\.0\.1:1: .*ECONNREFUSED/)
      assert.match(error.message, /nowhere\.invalid:9092: .*(ENOTFOUND|EAI_AGAIN)/)
      return true
    })
  })

  test('what a living broker objects to is told before dead addresses are', async () => {
    const script: Script = {
      [Metadata.key]: ({ socket }) => socket.destroy(),
      [SaslHandshake.key]: ({ answer }) =>
        answer(SaslHandshake, { errorCode: 33, mechanisms: ['SCRAM-SHA-512'] }),
    }
    await using broker = await ScriptedBroker.start(script)
    const connecting = Cluster.connect(configOf(['127.0.0.1:1', ...broker.bootstrap]))
    await assert.rejects(connecting, {
      code: 'AUTHENTICATION_FAILED',
      message: /wants SASL \(SCRAM-SHA-512\)/,
    })
  })

  test('an address that is none is refused', async () => {
    await assert.rejects(Cluster.connect(configOf(['no address'])), { code: 'ADDRESS_INVALID' })
  })

  test('the caller’s deadline holds', async () => {
    await using broker = await ScriptedBroker.start({ [Metadata.key]: () => {} })
    const startedMs = performance.now()
    await assert.rejects(Cluster.connect(configOf(broker.bootstrap), { timeoutMs: 100 }), {
      code: 'REQUEST_TIMEOUT',
    })
    assert.ok(performance.now() - startedMs < 1_500)
  })
})

describe('the cluster’s id', () => {
  test('another than expected is refused', async () => {
    await using broker = await ScriptedBroker.start()
    const connecting = Cluster.connect(configOf(broker.bootstrap, { expectedClusterId: 'another' }))
    await assert.rejects(connecting, { code: 'CLUSTER_ID_CHANGED', retriable: false })
  })

  test('a stranger at a known address is refused on every later connection', async () => {
    let clusterId = SCRIPTED_CLUSTER_ID
    const script: Script = {
      [Metadata.key]: ({ answer, socket }) => {
        const brokers = [{ nodeId: 1, host: '127.0.0.1', port: socket.localPort! }]
        answer(Metadata, { clusterId, brokers })
      },
    }
    await using broker = await ScriptedBroker.start(script)
    await using cluster = await Cluster.connect(configOf(broker.bootstrap))
    clusterId = 'a-stranger'
    await assert.rejects(cluster.connection(1, { lane: 'new' }), { code: 'CLUSTER_ID_CHANGED' })
    await assert.rejects(cluster.refresh(), { code: 'CLUSTER_ID_CHANGED' })
  })
})

describe('requests find their broker', () => {
  test('a leader that moved is found again', async () => {
    const state = { leader: 1, controller: 1 }
    const answer = (errorCode: number, offset: number): Script => ({
      [ListOffsets.key]: (request) => {
        const partitions = [{ partitionIndex: 0, errorCode, offset }]
        request.answer(ListOffsets, { topics: [{ name: 't', partitions }] })
        state.leader = 2
      },
    })
    await using pair = await startPair([answer(6, -1), answer(0, 42)], state)
    await using cluster = await Cluster.connect(configOf(pair.bootstrap))
    const [outcome] = await listOffsets(cluster, [{ topic: 't', partition: 0, at: 'end' }])
    assert.equal(outcome?.ok && outcome.value.offset, 42)
  })

  test('a controller that moved is found again', async () => {
    const state = { leader: 1, controller: 1 }
    const answer = (errorCode: number): Script => ({
      [CreateTopics.key]: (request) => {
        request.answer(CreateTopics, { topics: [{ name: 'new', errorCode }] })
        state.controller = 2
      },
    })
    await using pair = await startPair([answer(41), answer(0)], state)
    await using cluster = await Cluster.connect(configOf(pair.bootstrap))
    const [outcome] = await createTopics(cluster, [{ name: 'new' }])
    assert.equal(outcome?.ok, true)
  })

  test('a topic that a lost try may have made is told as such', async () => {
    let tries = 0
    const script: Script = {
      [CreateTopics.key]: (request) => {
        if (tries++ === 0) request.socket.destroy()
        else request.answer(CreateTopics, { topics: [{ name: 'new', errorCode: 36 }] })
      },
    }
    await using pair = await startPair([script, script], { leader: 1, controller: 1 })
    await using cluster = await Cluster.connect(configOf(pair.bootstrap))
    const [outcome] = await createTopics(cluster, [{ name: 'new' }])
    assert.match(
      (outcome?.ok === false && outcome.error.message) || '',
      /an earlier try of this call may have made it/,
    )
  })

  test('a coordinator that moved is found again', async () => {
    let coordinator = 1
    const answer = (errorCode: number): Script => ({
      [FindCoordinator.key]: (request) => {
        const coordinators = [{ key: 'g', nodeId: coordinator, host: '', port: 0 }]
        request.answer(FindCoordinator, { coordinators })
        coordinator = 2
      },
      [OffsetFetch.key]: (request) => request.answer(OffsetFetch, { groups: [{ groupId: 'g', errorCode }] }),
    })
    await using pair = await startPair([answer(16), answer(0)], { leader: 1, controller: 1 })
    await using cluster = await Cluster.connect(configOf(pair.bootstrap))
    assert.deepEqual(await fetchOffsets(cluster, [{ groupId: 'g' }]), [{ ok: true, value: [] }])
  })

  test('when the broker in use goes, another answers', async () => {
    await using pair = await startPair([{}, {}], { leader: 1, controller: 1 })
    await using cluster = await Cluster.connect(configOf(pair.bootstrap))
    await pair.first[Symbol.asyncDispose]()
    await cluster.refresh(['t']).catch(() => cluster.refresh(['t']))
    assert.equal(await cluster.leaderOf('t', 0), 1)
  })

  test('a partition without a leader, and a topic that is not there, are told apart', async () => {
    await using pair = await startPair([{}, {}], { leader: -1, controller: 1 })
    await using cluster = await Cluster.connect(configOf(pair.bootstrap))
    const soon = { timeoutMs: 200 }
    await assert.rejects(cluster.leaderOf('t', 0, soon), { kafkaName: 'LEADER_NOT_AVAILABLE' })
    await assert.rejects(cluster.leaderOf('t', 7, soon), { kafkaName: 'UNKNOWN_TOPIC_OR_PARTITION' })
    await assert.rejects(cluster.leaderOf('u', 0, soon), { kafkaName: 'UNKNOWN_TOPIC_OR_PARTITION' })
  })

  test('a broker id that nobody knows is an error that a retry may mend', async () => {
    await using broker = await ScriptedBroker.start()
    await using cluster = await Cluster.connect(configOf(broker.bootstrap))
    await assert.rejects(cluster.connection(7), { code: 'NODE_UNKNOWN', retriable: true })
  })
})

test('advertised addresses that cannot be reached are told as such', async () => {
  const script: Script = {
    [Metadata.key]: ({ answer }) => {
      answer(Metadata, {
        clusterId: SCRIPTED_CLUSTER_ID,
        brokers: [{ nodeId: 1, host: '127.0.0.1', port: 1 }],
      })
    },
  }
  await using broker = await ScriptedBroker.start(script)
  await using cluster = await Cluster.connect(configOf(broker.bootstrap))
  await assert.rejects(cluster.refresh(), (error: Error & { remedy?: string }) => {
    assert.match(error.message, /broker 1 at 127\.0\.0\.1:1: .*ECONNREFUSED/)
    assert.match(error.remedy ?? '', /advertised\.listeners/)
    return true
  })
})

test('a cluster that is silent, and one that is gone, do not delay another', async () => {
  await using silent = await ScriptedBroker.start({ [ListOffsets.key]: () => {} })
  await using gone = await ScriptedBroker.start()
  await using healthy = await ScriptedBroker.start()
  await using slow = await Cluster.connect(configOf(silent.bootstrap))
  await using dead = await Cluster.connect(configOf(gone.bootstrap))
  await using cluster = await Cluster.connect(configOf(healthy.bootstrap))
  await gone[Symbol.asyncDispose]()
  const stuck = Array.from({ length: 300 }, () => slow.request(ListOffsets, { topics: [] }, { node: 1 }))
  const lost = Array.from({ length: 20 }, (_, lane) => dead.connection(1, { lane }))
  const ended = Promise.allSettled([...stuck, ...lost])
  const startedMs = performance.now()
  for (let count = 0; count < 50; count++) await cluster.refresh()
  assert.ok(performance.now() - startedMs < 1_500)
  await slow.close()
  await dead.close()
  assert.ok((await ended).every(({ status }) => status === 'rejected'))
})

test('a broker that cannot be asked is reported beside the answers of the others', async () => {
  const groups: Script = {
    [ListGroups.key]: ({ answer }) => answer(ListGroups, { groups: [{ groupId: 'g', groupState: 'Empty' }] }),
  }
  await using pair = await startPair([groups, groups], { leader: 1, controller: 1 })
  await using cluster = await Cluster.connect(configOf(pair.bootstrap))
  await pair.second[Symbol.asyncDispose]()
  const startedMs = performance.now()
  const listing = await listGroups(cluster)
  assert.deepEqual(
    listing.groups.map(({ groupId, coordinator }) => [groupId, coordinator]),
    [['g', 1]],
  )
  assert.deepEqual(
    listing.failures.map(({ node, error }) => [node, error.code]),
    [[2, 'CONNECTION_REFUSED']],
  )
  assert.ok(performance.now() - startedMs < 2_000)
})

test('closing ends everything, whatever it waits for', async () => {
  const script: Script = { [ListOffsets.key]: () => {} }
  await using broker = await ScriptedBroker.start(script)
  const cluster = await Cluster.connect(configOf(broker.bootstrap))
  const pending = cluster.request(ListOffsets, { topics: [] }, { node: 1 })
  const opening = cluster.connection(1, { lane: 'other' })
  const refused = [pending, opening].map((promise) => assert.rejects(promise, { code: 'CONNECTION_CLOSED' }))
  await cluster.close()
  await Promise.all(refused)
  await assert.rejects(cluster.connection(1), { code: 'CONNECTION_CLOSED' })
  await assert.rejects(cluster.refresh(), { code: 'CONNECTION_CLOSED' })
  assert.equal(cluster.connections.length, 0)
})
