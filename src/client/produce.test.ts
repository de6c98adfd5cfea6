import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Script, ScriptedBroker } from '../../test/kit/scripted-broker.ts'
import type { Input } from '../wire/api.ts'
import { Produce, type ProduceRequest, type ProduceResponse } from '../wire/apis/000-produce.ts'
import { Cluster } from './cluster.ts'
import { type ProduceBatch, produceRaw } from './produce.ts'

const ID = 'AAAAAAAAAAAAAAAAAAAAAQ'

async function producing(batches: readonly ProduceBatch[], response: Input<ProduceResponse>) {
  const asked: { version: number; body: ProduceRequest }[] = []
  const script: Script = {
    [Produce.key]: ({ header, body, answer }) => {
      asked.push({ version: header.apiVersion, body: body(Produce) })
      answer(Produce, response)
    },
  }
  await using broker = await ScriptedBroker.start(script)
  await using cluster = await Cluster.connect({ name: 'test', bootstrap: broker.bootstrap })
  const outcome = await produceRaw(cluster, 1, 'data', batches, { timeoutMs: 10_000 }).then(
    (results) => ({ results, code: null }),
    (error: { code: string }) => ({ results: [], code: error.code }),
  )
  return { ...outcome, asked }
}

function batch(partition: number, topicId = ID, bytes = Buffer.alloc(100, partition)): ProduceBatch {
  return { topic: 't', topicId, partition, batch: bytes }
}

function answering(...partitionResponses: readonly object[]): Input<ProduceResponse> {
  return { responses: [{ topicId: ID, name: 't', partitionResponses }] }
}

test('bytes arrive as they are, to be written by all replicas, outside transactions', async () => {
  const large = Buffer.alloc(300_000, 'x')
  const { asked, results } = await producing(
    [batch(0), batch(1, ID, large)],
    answering({ index: 1, baseOffset: 70 }, { index: 0, baseOffset: 3, logStartOffset: 2 }),
  )
  const { acks, transactionalId, timeoutMs, topicData } = asked[0]!.body
  assert.deepEqual([acks, transactionalId, timeoutMs, topicData[0]?.topicId], [-1, null, 9_000, ID])
  assert.deepEqual(
    topicData[0]?.partitionData.map(({ index, records }) => [index, records]),
    [
      [0, Buffer.alloc(100, 0)],
      [1, large],
    ],
  )
  assert.deepEqual(
    results.map(({ partition, errorCode, baseOffset, logStartOffset }) => [
      partition,
      errorCode,
      baseOffset,
      logStartOffset,
    ]),
    [
      [0, 0, 3, 2],
      [1, 0, 70, -1],
    ],
  )
})

test('without topic ids the request goes by name', async () => {
  const { asked, results } = await producing([batch(0, '')], answering({ index: 0, baseOffset: 1 }))
  assert.equal(asked[0]?.version, 12)
  assert.equal(asked[0]?.body.topicData[0]?.name, 't')
  assert.equal(results[0]?.baseOffset, 1)
})

test('the broker’s reasons are handed on', async () => {
  const recordErrors = [{ batchIndex: 0, batchIndexErrorMessage: 'record 0 is bad' }]
  const { results } = await producing(
    [batch(0), batch(1), batch(2)],
    answering(
      { index: 0, errorCode: 87, baseOffset: -1, errorMessage: 'the whole is bad' },
      { index: 1, errorCode: 87, baseOffset: -1, recordErrors },
      { index: 2, errorCode: 6, baseOffset: -1 },
    ),
  )
  assert.deepEqual(
    results.map(({ errorCode, message }) => [errorCode, message]),
    [
      [87, 'the whole is bad'],
      [87, 'record 0 is bad'],
      [6, null],
    ],
  )
})

test('an answer that leaves a partition out is an error', async () => {
  assert.equal((await producing([batch(0), batch(1)], answering({ index: 0 }))).code, 'INCOMPLETE_RESPONSE')
})

test('two batches of one partition are refused before anything is sent', async () => {
  const { code, asked } = await producing([batch(0), batch(0)], answering())
  assert.equal(code, 'INVALID_ARGUMENT')
  assert.deepEqual(asked, [])
})
