import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeRequestFrame } from '../../wire/api.ts'
import { Produce } from '../../wire/apis/000-produce.ts'
import { Fetch } from '../../wire/apis/001-fetch.ts'
import { OffsetCommit } from '../../wire/apis/008-offset-commit.ts'
import { CreateTopics } from '../../wire/apis/019-create-topics.ts'
import { EndTxn } from '../../wire/apis/026-end-txn.ts'
import { Bench, produce } from '../testing/bench.ts'

const leaveEnds = (bench: Bench) => bench.rules.allowWrites(false, null)

test('a write that was begun with leave is neither ended nor told of without it', () => {
  const half = Bench.connected()
  const header = { correlationId: 1, clientId: 'test' }
  const frame = Buffer.concat(encodeRequestFrame(Produce, 9, header, produce()))
  half.session.fromClient(frame.subarray(0, frame.length - 20))
  const passed = half.broker.length
  assert.ok(passed > 0)
  leaveEnds(half)
  half.session.fromClient(frame.subarray(frame.length - 20))
  assert.deepEqual([half.broker.length, half.closedBy?.code], [passed, 'GATEWAY_WRITE_CUT_OFF'])
  const bodies = { transactionalId: 'pay', producerId: 1, producerEpoch: 0, committed: true }
  const producer = Bench.connected()
  const write = producer.ask(Produce, 9, produce())
  leaveEnds(producer)
  producer.answer(Produce, 9, write, { responses: [] })
  const committer = Bench.connected()
  const end = committer.ask(EndTxn, 3, bodies)
  leaveEnds(committer)
  committer.answer(EndTxn, 3, end, {})
  for (const bench of [producer, committer]) {
    assert.deepEqual(bench.takeAnswers(), [])
    assert.equal(bench.closedBy?.code, 'GATEWAY_WRITE_CUT_OFF')
  }
})

test('without leave nothing is committed or administered, and reads pass', () => {
  const end = { transactionalId: 'pay', producerId: 1, producerEpoch: 0, committed: true }
  const asks: ((bench: Bench) => void)[] = [
    (bench) => bench.ask(EndTxn, 3, end),
    (bench) => bench.ask(CreateTopics, 5, {}),
    (bench) => bench.ask(OffsetCommit, 8, { groupId: 'g' }),
  ]
  for (const ask of asks) {
    const bench = Bench.connected()
    leaveEnds(bench)
    bench.ask(Fetch, 12, {})
    ask(bench)
    assert.deepEqual(
      bench.takeSent().map(({ key }) => key),
      [Fetch.key],
    )
    bench.rules.allowWrites(true, null)
    bench.session.resume()
    assert.equal(bench.takeSent().length, 1)
  }
})
