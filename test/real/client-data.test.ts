import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { createTopics } from '../../src/client/admin/create-topics.ts'
import { electLeaders } from '../../src/client/admin/elections.ts'
import { alterReassignments, listReassignments } from '../../src/client/admin/reassignments.ts'
import { describeTransactions, listTransactions } from '../../src/client/admin/transactions.ts'
import { Cluster } from '../../src/client/cluster.ts'
import { deleteRecords } from '../../src/client/delete-records.ts'
import { describeProducers } from '../../src/client/describe-producers.ts'
import {
  type FetchedPartition,
  type FetchOptions,
  type FetchPartition,
  fetchRaw,
} from '../../src/client/fetch.ts'
import { FetchSession } from '../../src/client/fetch-session.ts'
import { listOffsets, type OffsetPoint } from '../../src/client/list-offsets.ts'
import { type Outcome, unwrap } from '../../src/client/outcome.ts'
import { type ProduceBatch, produceRaw } from '../../src/client/produce.ts'
import { initProducerId, type ProducerIdentity } from '../../src/client/producer-id.ts'
import { addPartitionsToTransaction, endTransaction } from '../../src/client/transaction.ts'
import { writeTxnMarkers } from '../../src/client/txn-markers.ts'
import { buildBatch } from '../../src/wire/batch/build.ts'
import { iterateBatches } from '../../src/wire/batch/header.ts'
import { ErrorCode } from '../../src/wire/error-codes.ts'
import { NEWEST, OLDEST, startClusters, type TestCluster } from '../harness/clusters.ts'
import { JavaClient } from '../harness/java/client.ts'
import { textOf } from '../harness/records.ts'
import { PATIENCE_MS, waitUntil } from '../harness/wait.ts'

/** Raw reading and writing against real brokers; Kafka's Java client says what is really there. */

const { clusters, stop } = await startClusters({
  newest: { kafka: NEWEST, brokers: 3 },
  oldest: { kafka: OLDEST },
})
const java = await JavaClient.start()
after(async () => {
  await java.close()
  await stop()
})

const SOON = { withinMs: PATIENCE_MS }
const LANE = 'data'
const MIB = 1024 * 1024
const reading: FetchOptions = {
  maxWaitMs: 2_000,
  maxBytes: 32 * MIB,
  isolation: 'read_committed',
  timeoutMs: 20_000,
}

type Writer = ProducerIdentity & { readonly baseSequence: number }

function batchOf(texts: readonly string[], writer?: Writer): Buffer {
  const records = texts.map((text) => ({
    timestamp: 1_700_000_000_000,
    key: null,
    value: Buffer.from(text),
    headers: [],
  }))
  return buildBatch({ records, codec: 0, ...writer })
}

/** A topic with its id and one leader, which is asked for everything. */
async function newTopic(cluster: Cluster, name: string, partitions = 1) {
  const leader = cluster.metadata.brokers[0]!.nodeId
  const assignments = Array.from({ length: partitions }, () => [leader])
  const [made] = await createTopics(cluster, [{ name, assignments, configs: { 'retention.ms': '-1' } }])
  const { topicId } = unwrap(made!)
  await ready(cluster, name, partitions)
  return { topic: name, topicId, leader }
}

/** A new leader may answer NOT_LEADER for a moment; raw requests are sent once and would meet that. */
async function ready(cluster: Cluster, topic: string, partitions: number): Promise<void> {
  const queries = Array.from(
    { length: partitions },
    (_, partition) => ({ topic, partition, at: 'end' }) as const,
  )
  for (const outcome of await listOffsets(cluster, queries)) unwrap(outcome)
}

/** Questions for everything from the beginning of some partitions. */
function fromStart(topic: string, topicId: string, partitions: readonly number[]): FetchPartition[] {
  return partitions.map((partition) => ({
    topic,
    topicId,
    partition,
    fetchOffset: 0,
    partitionMaxBytes: MIB,
  }))
}

/** Where there is nothing a full answer has no bytes, and an incremental one no entry. */
function comparable({ records, ...rest }: FetchedPartition) {
  return { ...rest, records: records?.toString('hex') ?? '' }
}

/**
 * Asks in a session and without, and demands the same of both. Who got records stands behind them from then on.
 */
function bothWays(cluster: Cluster, leader: number, asked: FetchPartition[]) {
  const session = new FetchSession()
  const now = { ...reading, maxWaitMs: 0 }
  return async () => {
    const full = await fetchRaw(cluster, leader, LANE, asked, now)
    const incremental = await fetchRaw(cluster, leader, LANE, asked, { ...now, session })
    assert.deepEqual(incremental.map(comparable), full.map(comparable))
    for (const [index, { records, lastStableOffset }] of full.entries()) {
      if (records !== null && records.length > 0)
        asked[index] = { ...asked[index]!, fetchOffset: lastStableOffset }
    }
    return full
  }
}

async function offsetOf(
  cluster: Cluster,
  topic: string,
  at: OffsetPoint,
  isolation?: 'read_committed',
): Promise<number> {
  const query = { topic, partition: 0, at, ...(isolation === undefined ? {} : { isolation }) }
  return unwrap((await listOffsets(cluster, [query]))[0]!).offset
}

function kafkaNames(outcomes: readonly Outcome<unknown>[]): string[] {
  return outcomes.map((outcome) => (outcome.ok ? 'ok' : String(outcome.error.context.kafkaName)))
}

for (const version of ['newest', 'oldest'] as const) {
  describe(`on the ${version} Kafka`, { timeout: 240_000 }, async () => {
    const judge: TestCluster = clusters[version]
    const cluster = await Cluster.connect({ ...judge.config, requestTimeoutMs: 20_000 })
    after(() => cluster.close())

    test('batches land as they are, by topic id and by name, and come back as they were', async () => {
      const { topic, topicId, leader } = await newTopic(cluster, 'raw', 3)
      const batches = [2, 0, 1].map((partition): ProduceBatch => {
        return {
          topic,
          topicId: partition === 0 ? '' : topicId,
          partition,
          batch: batchOf([`p${partition}`, 'second']),
        }
      })
      const produced = [
        ...(await produceRaw(cluster, leader, LANE, batches.slice(0, 2))),
        ...(await produceRaw(cluster, leader, LANE, batches.slice(2))),
      ]
      const seen = produced.map(({ partition, errorCode, baseOffset }) => [partition, errorCode, baseOffset])
      assert.deepEqual(seen, [
        [2, 0, 0],
        [0, 0, 0],
        [1, 0, 0],
      ])
      const records = await java.read(judge.access, topic)
      assert.deepEqual(records.map(({ value }) => textOf(value)).sort(), [
        'p0',
        'p1',
        'p2',
        'second',
        'second',
        'second',
      ])
      for (const id of [topicId, '']) {
        const asked = fromStart(topic, id, [1, 2, 0])
        const fetched = await fetchRaw(cluster, leader, LANE, asked, reading)
        assert.deepEqual(
          fetched.map(({ partition, errorCode, highWatermark }) => [partition, errorCode, highWatermark]),
          [
            [1, 0, 2],
            [2, 0, 2],
            [0, 0, 2],
          ],
        )
        // The broker fills in the leader epoch, outside the checksum: from the magic byte on nothing differs.
        const MAGIC_AT = 16
        assert.deepEqual(fetched[2]!.records!.subarray(MAGIC_AT), batches[1]!.batch.subarray(MAGIC_AT))
      }
    })

    test('errors come per partition, and nothing asked is left out', async () => {
      const { topic, topicId, leader } = await newTopic(cluster, 'errors')
      const at = { topic, topicId, partitionMaxBytes: MIB }
      const asked = [
        { ...at, partition: 7, fetchOffset: 0 },
        { ...at, partition: 0, fetchOffset: 99 },
      ]
      const fetched = await fetchRaw(cluster, leader, LANE, asked, reading)
      assert.deepEqual(
        fetched.map(({ errorCode }) => errorCode),
        [ErrorCode.UNKNOWN_TOPIC_OR_PARTITION, ErrorCode.OFFSET_OUT_OF_RANGE],
      )
      const stranger = [{ ...at, topicId: 'AAAAAAAAAAAAAAAAAAAABQ', partition: 0, fetchOffset: 0 }]
      assert.equal(
        (await fetchRaw(cluster, leader, LANE, stranger, reading))[0]!.errorCode,
        ErrorCode.UNKNOWN_TOPIC_ID,
      )
      const damaged = batchOf(['x'])
      damaged.writeUInt8(damaged.readUInt8(damaged.length - 1) ^ 1, damaged.length - 1)
      const produced = await produceRaw(cluster, leader, LANE, [
        { topic, topicId, partition: 0, batch: damaged },
        { topic, topicId, partition: 7, batch: batchOf(['x']) },
      ])
      assert.deepEqual(
        produced.map(({ errorCode }) => errorCode),
        [ErrorCode.CORRUPT_MESSAGE, ErrorCode.UNKNOWN_TOPIC_OR_PARTITION],
      )
      const twice = [1, 2].map(() => ({ topic, topicId, partition: 0, batch: batchOf(['x']) }))
      await assert.rejects(produceRaw(cluster, leader, LANE, twice), { code: 'INVALID_ARGUMENT' })
    })

    test('one request reads sixty partitions', async () => {
      const { topic, topicId, leader } = await newTopic(cluster, 'wide', 60)
      const partitions = Array.from({ length: 60 }, (_, partition) => partition)
      const batches = partitions.map((partition) => ({
        topic,
        topicId,
        partition,
        batch: batchOf([`record ${partition}`]),
      }))
      const produced = await produceRaw(cluster, leader, LANE, batches)
      assert.ok(produced.every(({ errorCode, baseOffset }) => errorCode === 0 && baseOffset === 0))
      const asked = fromStart(topic, topicId, partitions)
      const fetched = await fetchRaw(cluster, leader, LANE, asked, reading)
      assert.deepEqual(
        fetched.map(({ partition }) => partition),
        partitions,
      )
      assert.ok(fetched.every(({ records }) => [...iterateBatches(records!)].length === 1))
    })

    test('in a session the broker says only what changed, and all is known as by a full question', async () => {
      const { topic, topicId, leader } = await newTopic(cluster, 'session', 20)
      const numbers = Array.from({ length: 20 }, (_, partition) => partition)
      const asked = fromStart(topic, topicId, numbers)
      const look = bothWays(cluster, leader, asked)
      const write = async (partition: number, batch: Buffer) => {
        const [landed] = await produceRaw(cluster, leader, LANE, [{ topic, topicId, partition, batch }])
        assert.equal(landed!.errorCode, 0)
      }
      await look()
      await write(3, batchOf(['a', 'b']))
      assert.equal((await look())[3]!.lastStableOffset, 2)
      await look()
      const producer = `session-${version}`
      await java.open(judge.access, producer, { transactionalId: producer })
      await java.transaction(producer, 'begin')
      await java.send(producer, topic, [{ partition: 5, value: 'open' }])
      await write(5, batchOf(['behind it']))
      const [, , , , , open] = await look()
      assert.deepEqual([open!.lastStableOffset, open!.highWatermark], [0, 2])
      await java.transaction(producer, 'commit')
      const query = { topic, partition: 5, at: 'end', isolation: 'read_committed' } as const
      const stableEnd = async () => unwrap((await listOffsets(cluster, [query]))[0]!).offset
      await waitUntil('the marker is there', async () => (await stableEnd()) === 3, SOON)
      assert.equal((await look())[5]!.lastStableOffset, 3)
      await java.closeProducer(producer)
      unwrap((await deleteRecords(cluster, [{ topic, partition: 3, offset: 1 }]))[0]!)
      assert.equal((await look())[3]!.logStartOffset, 1)
      asked[3] = { ...asked[3]!, fetchOffset: 0 }
      assert.equal((await look())[3]!.errorCode, ErrorCode.OFFSET_OUT_OF_RANGE)
      assert.equal((await look())[3]!.errorCode, ErrorCode.OFFSET_OUT_OF_RANGE)
      asked[3] = { ...asked[3]!, fetchOffset: 2 }
      assert.equal((await look())[3]!.errorCode, 0)
      asked.splice(8, 4)
      await look()
      asked.push(...fromStart(topic, topicId, [10, 9]))
      await write(9, batchOf(['back']))
      assert.equal((await look()).at(-1)!.lastStableOffset, 1)
    })

    test('offsets are found by every kind of question', async () => {
      const { topic, topicId, leader } = await newTopic(cluster, 'points')
      for (const text of ['a', 'b', 'c']) {
        await produceRaw(cluster, leader, LANE, [{ topic, topicId, partition: 0, batch: batchOf([text]) }])
      }
      const points: OffsetPoint[] = [
        'start',
        'end',
        'max-timestamp',
        { timestampMs: 0 },
        { timestampMs: Date.now() },
        'end',
      ]
      const found = await listOffsets(
        cluster,
        points.map((at) => ({ topic, partition: 0, at })),
      )
      assert.deepEqual(
        found.map((outcome) => unwrap(outcome).offset),
        [0, 3, 0, 0, -1, 3],
      )
      const mixed = await listOffsets(
        cluster,
        [
          { topic, partition: 0, at: 'end' },
          { topic: 'absent', partition: 0, at: 'end' },
        ],
        { timeoutMs: 3_000 },
      )
      assert.deepEqual(kafkaNames(mixed), ['ok', 'UNKNOWN_TOPIC_OR_PARTITION'])
      const deleted = await deleteRecords(cluster, [{ topic, partition: 0, offset: 2 }])
      assert.deepEqual(unwrap(deleted[0]!).lowWatermark, 2)
      assert.deepEqual(kafkaNames(await deleteRecords(cluster, [{ topic, partition: 0, offset: 9 }])), [
        'OFFSET_OUT_OF_RANGE',
      ])
      assert.deepEqual(await java.ranges(judge.access, topic), { 0: [2, 3] })
    })

    test('markers take an offset each, nobody sees them, and an older generation is refused', async () => {
      const { topic, topicId, leader } = await newTopic(cluster, 'marked')
      const writer = await initProducerId(cluster)
      const partition = { topic, partition: 0 }
      const marker = { ...writer, committed: true, coordinatorEpoch: 5, partitions: [partition] }
      const send = (batch: Buffer) => produceRaw(cluster, leader, LANE, [{ ...partition, topicId, batch }])
      assert.equal((await send(batchOf(['one', 'two'], { ...writer, baseSequence: 0 })))[0]!.baseOffset, 0)
      const route = { node: leader, lane: LANE }
      const marked = await writeTxnMarkers(
        cluster,
        route,
        Array.from({ length: 100 }, () => marker),
      )
      assert.deepEqual(marked, [{ ...partition, producerId: writer.producerId, errorCode: 0 }])
      assert.equal((await send(batchOf(['three'], { ...writer, baseSequence: 2 })))[0]!.baseOffset, 102)
      const records = await java.read(judge.access, topic)
      assert.deepEqual(
        records.map(({ offset, value }) => [offset, textOf(value)]),
        [
          [0, 'one'],
          [1, 'two'],
          [102, 'three'],
        ],
      )
      const [stale] = await writeTxnMarkers(cluster, route, [{ ...marker, coordinatorEpoch: 4 }])
      assert.equal(stale?.errorCode, ErrorCode.TRANSACTION_COORDINATOR_FENCED)
      const [state] = unwrap((await describeProducers(cluster, [partition]))[0]!).producers
      assert.deepEqual(
        [state?.lastSequence, state?.coordinatorEpoch, state?.producerId],
        [2, 5, writer.producerId],
      )
      const unknown = await writeTxnMarkers(cluster, route, [
        { ...marker, partitions: [partition, { topic, partition: 8 }] },
      ])
      assert.deepEqual(unknown.map(({ errorCode }) => errorCode).sort(), [
        0,
        ErrorCode.UNKNOWN_TOPIC_OR_PARTITION,
      ])
    })

    test('an empty transaction writes a marker, and a newer holder fences the older', async () => {
      const { topic } = await newTopic(cluster, 'transacted')
      const transactionalId = `${version}-transaction`
      const partition = { topic, partition: 0 }
      const holder = { transactionalId, ...(await initProducerId(cluster, { transactionalId })) }
      await addPartitionsToTransaction(cluster, holder, [partition])
      const { transactions } = await listTransactions(cluster, { states: ['Ongoing'] })
      assert.deepEqual(
        transactions.map(({ transactionalId: id }) => id),
        [transactionalId],
      )
      const [open] = await describeTransactions(cluster, [transactionalId])
      assert.deepEqual(unwrap(open!).partitions, [{ topic, partitions: [0] }])
      await endTransaction(cluster, holder, true)
      await waitUntil('the marker is there', async () => (await offsetOf(cluster, topic, 'end')) === 1, SOON)
      assert.equal(await offsetOf(cluster, topic, 'end', 'read_committed'), 1)
      assert.deepEqual(await java.read(judge.access, topic), [])
      const newer = await initProducerId(cluster, { transactionalId })
      assert.equal(newer.producerId, holder.producerId)
      assert.ok(newer.producerEpoch > holder.producerEpoch)
      const names = /PRODUCER_FENCED|INVALID_PRODUCER_EPOCH/
      await assert.rejects(addPartitionsToTransaction(cluster, holder, [partition]), { kafkaName: names })
      assert.deepEqual(kafkaNames(await describeTransactions(cluster, ['never heard of'])), [
        'TRANSACTIONAL_ID_NOT_FOUND',
      ])
    })
  })
}

describe('three brokers', { timeout: 240_000 }, async () => {
  const three = clusters.newest
  const cluster = await Cluster.connect({ ...three.config, requestTimeoutMs: 20_000 })
  after(() => cluster.close())

  test('a partition that moves is followed, and the old leader says so', async () => {
    const [first, second] = three.brokers as [number, number, number]
    await createTopics(cluster, [{ name: 'moving', assignments: [[first, second]] }])
    const at = { topic: 'moving', partition: 0 }
    await ready(cluster, 'moving', 1)
    assert.equal(await cluster.leaderOf('moving', 0), first)
    const { topicId } = cluster.metadata.topic('moving')!
    assert.deepEqual(kafkaNames(await alterReassignments(cluster, [{ ...at, replicas: [second, first] }])), [
      'ok',
    ])
    await waitUntil('the move is over', async () => (await listReassignments(cluster)).length === 0, SOON)
    const elected = await waitUntil(
      'the other replica leads',
      async () => {
        const [election] = await electLeaders(cluster, 'preferred', [at])
        return election?.ok && !election.value.changed
      },
      SOON,
    )
    assert.equal(elected, true)
    // Nothing has told this client yet: it still writes to the old leader, whose answer names the new one (KIP-951).
    assert.equal(cluster.metadata.leaderOf('moving', 0), first)
    const [refused] = await produceRaw(cluster, first, LANE, [{ ...at, topicId, batch: batchOf(['x']) }])
    assert.equal(refused!.errorCode, ErrorCode.NOT_LEADER_OR_FOLLOWER)
    assert.equal(cluster.metadata.leaderOf('moving', 0), second)
    assert.equal(await offsetOf(cluster, 'moving', 'end'), 0)
  })

  test('a broker that dies fails its requests at once, leaves others alone, and is found again', async () => {
    const victim = three.brokers[2]!
    const survivor = three.brokers[0]!
    await createTopics(cluster, [{ name: 'mortal', assignments: [[victim], [survivor]] }])
    await ready(cluster, 'mortal', 2)
    assert.equal(await cluster.leaderOf('mortal', 0), victim)
    const { topicId } = cluster.metadata.topic('mortal')!
    const poll = (node: number, partition: number) => {
      const asked = fromStart('mortal', topicId, [partition])
      return fetchRaw(cluster, node, LANE, asked, { ...reading, maxWaitMs: 10_000 })
    }
    await cluster.connection(victim, { lane: LANE })
    await cluster.connection(survivor, { lane: LANE })
    const dying = poll(victim, 0).then(
      () => assert.fail('answered'),
      (error: { code: string }) => error.code,
    )
    const living = poll(survivor, 1)
    await delay(200)
    const killed = three.killAndAwait(victim)
    const startedMs = performance.now()
    assert.equal(await dying, 'CONNECTION_LOST')
    assert.ok(performance.now() - startedMs < 5_000)
    await assert.rejects(poll(victim, 0), (error: { code: string; retriable: boolean }) => error.retriable)
    const [ends] = await listOffsets(cluster, [{ topic: 'mortal', partition: 1, at: 'end' }])
    assert.equal(unwrap(ends!).offset, 0)
    assert.equal((await living)[0]!.errorCode, 0)
    await killed
    const back = await listOffsets(cluster, [{ topic: 'mortal', partition: 0, at: 'end' }], {
      timeoutMs: 30_000,
    })
    assert.equal(unwrap(back[0]!).offset, 0)
  })
})
