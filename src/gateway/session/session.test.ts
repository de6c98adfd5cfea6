import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fuzz } from '../../../test/kit/fuzz/run.ts'
import { systemClock } from '../../base/clock.ts'
import { encodeRequestFrame, encodeResponseFrame } from '../../wire/api.ts'
import { Produce } from '../../wire/apis/000-produce.ts'
import { Fetch } from '../../wire/apis/001-fetch.ts'
import { Metadata } from '../../wire/apis/003-metadata.ts'
import { OffsetCommit } from '../../wire/apis/008-offset-commit.ts'
import { JoinGroup } from '../../wire/apis/011-join-group.ts'
import { Heartbeat } from '../../wire/apis/012-heartbeat.ts'
import { SyncGroup } from '../../wire/apis/014-sync-group.ts'
import { ApiVersions } from '../../wire/apis/018-api-versions.ts'
import { InitProducerId } from '../../wire/apis/022-init-producer-id.ts'
import { EndTxn } from '../../wire/apis/026-end-txn.ts'
import { TxnOffsetCommit } from '../../wire/apis/028-txn-offset-commit.ts'
import { ConsumerGroupHeartbeat } from '../../wire/apis/068-consumer-group-heartbeat.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import { gatewayErrors } from '../errors.ts'
import { Bench, produce, settled } from '../testing/bench.ts'

test('answers leave in the order of the requests, whoever makes them', () => {
  const bench = Bench.connected()
  const first = bench.ask(Fetch, 12, {})
  const second = bench.ask(ApiVersions, 3, { clientSoftwareName: 'x', clientSoftwareVersion: '1' })
  assert.deepEqual(bench.takeSent(), [{ key: 1, correlationId: first }])
  assert.deepEqual(bench.takeAnswers(), [])
  bench.answer(Fetch, 12, first, {})
  assert.deepEqual(bench.takeAnswers(), [first, second])
})

test('Produce without acks has no answer, so nothing is owed', () => {
  const bench = Bench.connected()
  bench.ask(Produce, 9, produce(0))
  const next = bench.ask(Fetch, 12, {})
  bench.answer(Fetch, 12, next, {})
  assert.deepEqual(bench.takeAnswers(), [next])
})

test('nothing is sent before a broker is there, and then all of it in order', () => {
  const bench = new Bench()
  const ids = [bench.ask(Produce, 9, produce()), bench.ask(Fetch, 12, {}), bench.ask(Metadata, 12, {})]
  assert.ok(bench.wanted > 0)
  assert.deepEqual(bench.takeSent(), [])
  bench.session.brokerOpened()
  assert.deepEqual(
    bench.takeSent().map(({ correlationId }) => correlationId),
    ids,
  )
})

test('a broker that dies is replaced unnoticed where requests may be sent again', () => {
  const bench = Bench.connected()
  const fetch = bench.ask(Fetch, 12, { maxWaitMs: 500 })
  const versions = bench.ask(ApiVersions, 3, { clientSoftwareName: 'x', clientSoftwareVersion: '1' })
  bench.takeSent()
  assert.equal(bench.session.brokerLost(), true)
  const late = bench.ask(Metadata, 12, {})
  bench.session.brokerOpened()
  assert.deepEqual(
    bench.takeSent().map(({ correlationId }) => correlationId),
    [fetch, late],
  )
  bench.answer(Fetch, 12, fetch, {})
  assert.deepEqual(bench.takeAnswers(), [fetch, versions])
})

test('a client is closed when nobody knows what became of its records, or half an answer is out', () => {
  const producer = Bench.connected()
  producer.ask(Produce, 9, produce())
  assert.equal(producer.session.brokerLost(), false)
  const consumer = Bench.connected()
  const id = consumer.ask(Fetch, 12, {})
  consumer.session.fromBroker(Buffer.concat(encodeResponseFrame(Fetch, 12, id, {})).subarray(0, 9))
  assert.equal(consumer.session.isMovable, false)
  assert.equal(consumer.session.brokerLost(), false)
})

test('the fence keeps records waiting and lets reads pass', () => {
  const bench = Bench.connected()
  bench.rules.phase = 'fenced'
  const reading = bench.ask(Fetch, 12, {})
  assert.equal(bench.takeSent().length, 1)
  bench.ask(Produce, 9, produce())
  const behind = bench.ask(Fetch, 12, {})
  assert.deepEqual(bench.takeSent(), [])
  assert.ok(bench.session.isParked && bench.session.waitingBytes > 100)
  bench.rules.phase = 'open'
  bench.session.resume()
  assert.deepEqual(
    bench.takeSent().map(({ key }) => key),
    [0, 1],
  )
  assert.equal(bench.session.waitingBytes, 0)
  assert.ok(behind > reading)
})

test('a refused Produce names every partition, and its records go nowhere', () => {
  const bench = Bench.connected()
  bench.rules.fence = 'refuse'
  bench.ask(Produce, 9, produce())
  assert.deepEqual(bench.takeSent(), [])
  const [response] = bench.takeAnswer(Produce, 9).responses
  const [partition] = response!.partitionResponses
  assert.deepEqual([response?.name, partition?.index, partition?.errorCode], ['orders', 2, 29])
  bench.ask(Produce, 9, produce(0))
  assert.deepEqual(bench.takeAnswers(), [])
})

test('a transaction that is open ends before the fence, another does not begin', async () => {
  const bench = Bench.connected()
  bench.ask(Produce, 12, produce(-1, 'pay'))
  bench.rules.phase = 'fenced'
  bench.ask(Produce, 12, produce(-1, 'pay'))
  assert.equal(bench.takeSent().length, 2)
  const other = Bench.connected()
  other.rules.phase = 'fenced'
  other.ask(Produce, 12, produce(-1, 'ship'))
  assert.equal(other.takeSent().length, 0)
  assert.deepEqual(bench.rules.transactions.openIds(systemClock.now()), ['pay'])
})

/** A head of Kafka's first protocol, followed by nothing that matters. */
function ancient(key: number, version: number): Buffer {
  const head = Buffer.alloc(40)
  head.writeInt32BE(36, 0)
  head.writeInt16BE(key, 4)
  head.writeInt16BE(version, 6)
  return head
}

test('an ancient client is told which versions there are, and its records go nowhere', () => {
  const bench = Bench.connected()
  bench.ask(ApiVersions, 0, {})
  assert.equal(bench.takeAnswer(ApiVersions, 0).errorCode, 0)
  for (const [api, version] of [
    [Produce, 0],
    [Produce, 1],
    [Produce, 2],
  ] as const) {
    const one = Bench.connected()
    one.session.fromClient(ancient(api.key, version))
    assert.equal(one.closedBy?.code, 'GATEWAY_API_NOT_SERVED', `${api.name} ${version}`)
    assert.match(String(one.closedBy), new RegExp(`\\b${version}\\b`))
    assert.deepEqual(one.takeSent(), [])
  }
})

test('the end of a transaction hands its id over, and the next one waits for the other cluster', async () => {
  const bench = Bench.connected()
  const init = bench.ask(InitProducerId, 5, { transactionalId: 'pay', transactionTimeoutMs: 9_000 })
  bench.answer(InitProducerId, 5, init, { producerId: 1, producerEpoch: 0 })
  bench.takeAnswers()
  bench.rules.phase = 'handing-over'
  bench.rules.target = 'b'
  const identity = { transactionalId: 'pay', producerId: 1, producerEpoch: 0 }
  const end = bench.ask(EndTxn, 5, { ...identity, committed: true })
  bench.answer(EndTxn, 5, end, { producerId: 1, producerEpoch: 1 })
  await settled()
  const { producerId, producerEpoch } = bench.takeAnswer(EndTxn, 5)
  assert.deepEqual([producerId, producerEpoch, bench.handedOver], [77, 5, ['pay@b']])
  bench.takeSent()
  bench.ask(Produce, 12, produce(-1, 'pay'))
  assert.deepEqual(bench.takeSent(), [])
  bench.rules.switchTo('b')
  bench.rules.phase = 'open'
  bench.session.resume()
  assert.equal(bench.takeSent().length, 1)
})

test('positions of a transaction wait for the cluster that its id was handed over to', () => {
  const bench = Bench.connected()
  bench.rules.phase = 'handing-over'
  bench.rules.target = 'b'
  bench.rules.transactions.own('pay', { cluster: 'b', timeoutMs: 9_000 })
  bench.ask(TxnOffsetCommit, 5, { transactionalId: 'pay', groupId: 'app' })
  assert.deepEqual(bench.takeSent(), [])
})

test('an id that only the last cluster knew is told to abort, and aborts here', async () => {
  const bench = Bench.connected()
  bench.rules.transactions.own('pay', { cluster: 'z', timeoutMs: 1_000 })
  bench.ask(Produce, 12, produce(-1, 'pay'))
  const answer = bench.takeAnswer(Produce, 12)
  assert.equal(answer.responses[0]?.partitionResponses[0]?.errorCode, ErrorCode.TRANSACTION_ABORTABLE)
  bench.ask(EndTxn, 5, { transactionalId: 'pay', producerId: 1, producerEpoch: 0, committed: false })
  await settled()
  assert.equal(bench.takeAnswer(EndTxn, 5).producerId, 77)
  assert.deepEqual(bench.takeSent(), [])
  bench.ask(Produce, 12, produce(-1, 'pay'))
  assert.equal(bench.takeSent().length, 1)
})

test('members of classic groups are made to join anew, and their join waits', () => {
  const bench = Bench.connected()
  const beat = bench.ask(Heartbeat, 4, { groupId: 'g', memberId: 'm', generationId: 3 })
  bench.answer(Heartbeat, 4, beat, {})
  bench.takeAnswers()
  bench.rules.phase = 'yielding'
  assert.deepEqual(bench.rules.members.notYielded(systemClock.now()), ['g/m'])
  bench.takeSent()
  bench.ask(Heartbeat, 4, { groupId: 'g', memberId: 'm', generationId: 3 })
  assert.equal(bench.takeAnswer(Heartbeat, 4).errorCode, ErrorCode.REBALANCE_IN_PROGRESS)
  const commit = bench.ask(OffsetCommit, 8, { groupId: 'g' })
  assert.deepEqual(bench.takeSent(), [{ key: 8, correlationId: commit }])
  bench.ask(JoinGroup, 9, { groupId: 'g', memberId: 'm', protocolType: 'consumer' })
  assert.deepEqual(bench.takeSent(), [])
  assert.deepEqual(bench.rules.members.notYielded(systemClock.now()), [])
})

test('members are asked to rest all at once, when each has sent a heartbeat or time is over', () => {
  const bench = Bench.connected()
  const { members } = bench.rules
  const now = systemClock.now()
  const consumer = { groupId: 'h', memberId: 'consumer', memberEpoch: 4 }
  members.seen('h', 'consumer', 'consumer', bench.session, now)
  members.gather()
  bench.rules.phase = 'yielding'
  bench.ask(Heartbeat, 4, { groupId: 'g', memberId: 'classic', generationId: 1 })
  assert.deepEqual([bench.takeAnswers(), members.endGathering(now, false)], [[], false])
  members.seen('h', 'consumer', 'consumer', bench.session, now).state = 'asking'
  assert.deepEqual(members.notYielded(now).sort(), ['g/classic', 'h/consumer'])
  assert.equal(members.endGathering(now, false), true)
  bench.session.resume()
  assert.equal(bench.takeAnswer(Heartbeat, 4).errorCode, ErrorCode.REBALANCE_IN_PROGRESS)
  bench.ask(ConsumerGroupHeartbeat, 1, consumer)
  assert.deepEqual(bench.takeAnswer(ConsumerGroupHeartbeat, 1).assignment, { topicPartitions: [] })
  members.gather()
  assert.equal(members.endGathering(now, true), true)
})

test('who was not asked yet has given up nothing when the switch is called off', () => {
  const bench = Bench.connected()
  const { members } = bench.rules
  const consumer = { groupId: 'h', memberId: 'consumer', memberEpoch: 4 }
  members.gather()
  bench.rules.phase = 'yielding'
  bench.ask(ConsumerGroupHeartbeat, 1, consumer)
  assert.deepEqual(bench.takeSent(), [])
  members.callBack()
  bench.rules.phase = 'open'
  bench.session.resume()
  assert.equal(bench.takeSent().length, 1)
})

test('Kafka Streams keeps its partitions: while it joins it would commit nothing', () => {
  const bench = Bench.connected()
  bench.clientId = 'app-1-StreamThread-1-consumer'
  const beat = { groupId: 'app', memberId: 'm', generationId: 3 }
  bench.ask(SyncGroup, 5, beat)
  bench.rules.phase = 'yielding'
  assert.deepEqual(bench.rules.members.notYielded(systemClock.now()), [])
  bench.takeSent()
  const sent = bench.ask(Heartbeat, 4, beat)
  assert.deepEqual(bench.takeSent(), [{ key: 12, correlationId: sent }])
  bench.rules.phase = 'frozen'
  bench.ask(Heartbeat, 4, beat)
  assert.deepEqual(bench.takeSent(), [])
  assert.equal(bench.rules.switchTo('b').length, 1)
})

test('members of KIP-848 give up their partitions, and get them back when the switch is called off', () => {
  const bench = Bench.connected()
  bench.rules.phase = 'yielding'
  const body = { groupId: 'g', memberId: 'm', memberEpoch: 4 }
  bench.ask(ConsumerGroupHeartbeat, 1, body)
  const told = bench.takeAnswer(ConsumerGroupHeartbeat, 1)
  assert.deepEqual([told.errorCode, told.memberEpoch, told.assignment], [0, 4, { topicPartitions: [] }])
  // It is still committing what it has read.
  bench.ask(ConsumerGroupHeartbeat, 1, { ...body, topicPartitions: null })
  assert.deepEqual(bench.takeAnswer(ConsumerGroupHeartbeat, 1).assignment, { topicPartitions: [] })
  assert.equal(bench.rules.members.notYielded(systemClock.now()).length, 1)
  bench.ask(ConsumerGroupHeartbeat, 1, { ...body, topicPartitions: [] })
  assert.deepEqual(bench.takeAnswers(), [])
  assert.deepEqual(bench.rules.members.notYielded(systemClock.now()), [])
  bench.rules.members.callBack()
  bench.rules.phase = 'open'
  bench.session.resume()
  assert.equal(bench.takeAnswer(ConsumerGroupHeartbeat, 1).errorCode, ErrorCode.UNKNOWN_MEMBER_ID)
})

test('a switch waits for members that have joined and not sent a heartbeat yet', () => {
  const bench = Bench.connected()
  bench.ask(SyncGroup, 5, { groupId: 'g', memberId: 'classic', generationId: 1 })
  bench.ask(ConsumerGroupHeartbeat, 1, { groupId: 'h', memberId: 'consumer', memberEpoch: 0 })
  assert.equal(bench.takeSent().length, 2)
  const now = systemClock.now()
  assert.deepEqual(bench.rules.members.notYielded(now), ['g/classic', 'h/consumer'])
  bench.rules.phase = 'yielding'
  bench.ask(ConsumerGroupHeartbeat, 1, { groupId: 'i', memberId: 'late', memberEpoch: 0 })
  assert.deepEqual(bench.takeSent(), [])
  assert.deepEqual(bench.rules.members.notYielded(now), ['g/classic', 'h/consumer'])
})

test('who joins anew under another id is waited for once', () => {
  const bench = Bench.connected()
  const { members } = bench.rules
  bench.ask(ConsumerGroupHeartbeat, 1, { groupId: 'g', memberId: 'before', memberEpoch: 7 })
  bench.ask(ConsumerGroupHeartbeat, 1, { groupId: 'g', memberId: 'after', memberEpoch: 0 })
  assert.deepEqual(members.notYielded(systemClock.now()), ['g/after'])
})

test('while a switch is near a broker gets few requests of a connection at a time', () => {
  const bench = Bench.connected()
  bench.rules.phase = 'yielding'
  const ids = Array.from({ length: 7 }, () => bench.ask(Produce, 9, produce()))
  assert.equal(bench.takeSent().length, 4)
  bench.answer(Produce, 9, ids[0]!, {})
  assert.equal(bench.takeSent().length, 1)
  bench.rules.phase = 'fenced'
  for (const id of ids.slice(1, 5)) bench.answer(Produce, 9, id, {})
  assert.deepEqual(bench.takeSent(), [])
  bench.rules.phase = 'open'
  bench.session.resume()
  assert.equal(bench.takeSent().length, 2)
})

test('requests beyond the number that may be owed are not read until answers have come', () => {
  const bench = Bench.connected({ owedAnswers: 2 })
  const ids = [1, 2, 3].map(() => bench.ask(Fetch, 12, {}))
  assert.equal(bench.takeSent().length, 2)
  bench.answer(Fetch, 12, ids[0]!, {})
  assert.deepEqual(
    bench.takeSent().map(({ correlationId }) => correlationId),
    [ids[2]],
  )
})

test('what is not offered, out of turn or too large closes the connection, with its reason', () => {
  const unknown = Bench.connected()
  unknown.ask({ ...Fetch, key: 4 }, 12, {})
  assert.equal(unknown.closedBy?.code, 'GATEWAY_API_NOT_SERVED')
  const out = Bench.connected()
  out.answer(Fetch, 12, 1, {})
  assert.equal(out.closedBy?.code, 'GATEWAY_UNEXPECTED_ANSWER')
  const large = Bench.connected()
  large.session.fromClient(Buffer.from('7fffff00000000090000000100', 'hex'))
  assert.equal(large.closedBy?.code, 'GATEWAY_FRAME_TOO_LARGE')
})

const identity = { transactionalId: 'pay', producerId: 1, producerEpoch: 0 }
const corpus = [
  encodeRequestFrame(Produce, 9, { correlationId: 1, clientId: 'c' }, produce()),
  encodeRequestFrame(Produce, 12, { correlationId: 1, clientId: 'c' }, produce(-1, 'pay')),
  encodeRequestFrame(Fetch, 12, { correlationId: 1, clientId: 'c' }, { rackId: 'r' }),
  encodeRequestFrame(Metadata, 12, { correlationId: 1, clientId: 'c' }, { topics: [{ name: 't' }] }),
  encodeRequestFrame(Heartbeat, 4, { correlationId: 1, clientId: 'c' }, { groupId: 'g' }),
  encodeRequestFrame(EndTxn, 5, { correlationId: 1, clientId: 'c' }, { ...identity, committed: true }),
].map((chunks) => Buffer.concat(chunks))

test('an answer that is being made when its broker goes is asked for again, and given once', async () => {
  const bench = Bench.connected()
  const making: (() => void)[] = []
  bench.rules.judge = () => ({
    kind: 'pass',
    change: (frame) => new Promise((resolve) => making.push(() => resolve([frame]))),
  })
  const first = bench.ask(Heartbeat, 3, { groupId: 'g' })
  const second = bench.ask(Heartbeat, 3, { groupId: 'g' })
  bench.takeSent()
  bench.answer(Heartbeat, 3, first, {})
  assert.equal(bench.session.brokerLost(), true)
  bench.session.brokerOpened()
  assert.deepEqual(
    bench.takeSent().map(({ correlationId }) => correlationId),
    [first, second],
  )
  making[0]!()
  await settled()
  assert.deepEqual(bench.takeAnswers(), [])
  bench.answer(Heartbeat, 3, first, {})
  making[1]!()
  await settled()
  bench.answer(Heartbeat, 3, second, {})
  making[2]!()
  await settled()
  assert.deepEqual(bench.takeAnswers(), [first, second])
  assert.equal(bench.closedBy, null)
})

test('damaged bytes of a client close its connection with a reason, or pass', (context) => {
  for (const fence of ['none', 'refuse'] as const) {
    const consume = (bytes: Buffer) => {
      const bench = Bench.connected()
      bench.rules.fence = fence
      bench.session.fromClient(bytes)
      if (bench.closedBy !== null) throw bench.closedBy
    }
    fuzz(context, { corpus, consume }, gatewayErrors)
  }
})

const broker = { nodeId: 4, host: 'b', port: 1 }
const topic = { name: 't', topicId: 'b8tRS7h4TJ2Vt43Dp85v2A', partitions: [{ leaderId: 4, leaderEpoch: 3 }] }
const answers = [
  {
    api: Metadata,
    version: 12,
    frame: encodeResponseFrame(Metadata, 12, 1, { brokers: [broker], topics: [topic] }),
  },
  { api: Fetch, version: 12, frame: encodeResponseFrame(Fetch, 12, 1, {}) },
  { api: Produce, version: 12, frame: encodeResponseFrame(Produce, 12, 1, { responses: [{ name: 't' }] }) },
] as const

test('damaged bytes of a broker close the connection with a reason, or pass', (context) => {
  const consume = (bytes: Buffer, index: number) => {
    const bench = Bench.connected()
    const { api, version } = answers[index]!
    if (api === Produce) bench.ask(Produce, version, produce())
    else bench.ask(api as typeof Fetch, version, {})
    bench.session.fromBroker(bytes)
    if (bench.closedBy !== null) throw bench.closedBy
  }
  fuzz(context, { corpus: answers.map(({ frame }) => Buffer.concat(frame)), consume }, gatewayErrors)
})
