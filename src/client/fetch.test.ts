import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Script, ScriptedBroker } from '../../test/kit/scripted-broker.ts'
import type { Input } from '../wire/api.ts'
import { Fetch, type FetchResponse } from '../wire/apis/001-fetch.ts'
import { Cluster } from './cluster.ts'
import { type FetchedPartition, type FetchPartition, fetchRaw } from './fetch.ts'
import { FetchSession } from './fetch-session.ts'

const ID_A = 'AAAAAAAAAAAAAAAAAAAAAQ'
const ID_B = 'AAAAAAAAAAAAAAAAAAAAAg'
const options = { maxWaitMs: 10, maxBytes: 1_000, isolation: 'read_committed' } as const

function asking(topic: string, topicId: string, partition: number): FetchPartition {
  return { topic, topicId, partition, fetchOffset: 5, partitionMaxBytes: 100 }
}

type Asked = { version: number; body: ReturnType<typeof Fetch.request.decode> }

/** Fetches from a broker that answers `response`; gives the results and what the broker was asked. */
async function fetching(
  partitions: readonly FetchPartition[],
  response: Input<FetchResponse>,
): Promise<{ results: FetchedPartition[]; asked: Asked }> {
  const seen: Asked[] = []
  const script: Script = {
    [Fetch.key]: ({ header, body, answer }) => {
      seen.push({ version: header.apiVersion, body: body(Fetch) })
      answer(Fetch, response)
    },
  }
  await using broker = await ScriptedBroker.start(script)
  await using cluster = await Cluster.connect({ name: 'test', bootstrap: broker.bootstrap })
  const results = await fetchRaw(cluster, 1, 'data', partitions, options)
  return { results, asked: seen[0]! }
}

const records = Buffer.from('raw bytes')

describe('with topic ids', () => {
  const answer = {
    responses: [
      { topicId: ID_B, partitions: [{ partitionIndex: 0, highWatermark: 9, records }] },
      {
        topicId: ID_A,
        partitions: [
          { partitionIndex: 3, errorCode: 1 },
          { partitionIndex: 1, abortedTransactions: [{ producerId: 4, firstOffset: 2 }] },
        ],
      },
    ],
  }

  test('results come in the order asked, errors and all', async () => {
    const asked = [asking('a', ID_A, 1), asking('b', ID_B, 0), asking('a', ID_A, 3)]
    const { results } = await fetching(asked, answer)
    assert.deepEqual(
      results.map(({ topic, partition, errorCode }) => [topic, partition, errorCode]),
      [
        ['a', 1, 0],
        ['b', 0, 0],
        ['a', 3, 1],
      ],
    )
    assert.deepEqual(results[1]?.records, records)
    assert.deepEqual(
      results[0]?.abortedTransactions.map(({ producerId, firstOffset }) => [producerId, firstOffset]),
      [[4, 2]],
    )
    assert.deepEqual(results[1]?.abortedTransactions, [])
  })

  test('the question has no session and names what it wants', async () => {
    const { asked } = await fetching([asking('b', ID_B, 0)], { responses: answer.responses.slice(0, 1) })
    assert.equal(asked.version, Fetch.versions.max)
    const { sessionId, sessionEpoch, isolationLevel, minBytes, replicaState, topics } = asked.body
    assert.deepEqual(
      [sessionId, sessionEpoch, isolationLevel, minBytes, replicaState.replicaId],
      [0, -1, 1, 1, -1],
    )
    assert.deepEqual(
      topics.map(({ topicId }) => topicId),
      [ID_B],
    )
    const [partition] = topics[0]!.partitions
    assert.deepEqual(
      [partition?.fetchOffset, partition?.partitionMaxBytes, partition?.currentLeaderEpoch],
      [5, 100, -1],
    )
  })
})

test('one topic whose id is not known sends all by name', async () => {
  const response = {
    responses: ['a', 'b'].map((topic) => ({ topic, partitions: [{ partitionIndex: 0, records }] })),
  }
  const { results, asked } = await fetching([asking('a', ID_A, 0), asking('b', '', 0)], response)
  assert.equal(asked.version, 12)
  assert.deepEqual(
    asked.body.topics.map(({ topic }) => topic),
    ['a', 'b'],
  )
  assert.deepEqual(
    results.map(({ topic }) => topic),
    ['a', 'b'],
  )
})

describe('a broker that answers something else', () => {
  const asked = [asking('a', ID_A, 0), asking('a', ID_A, 1)]
  const answers: readonly (readonly [string, Input<FetchResponse>])[] = [
    ['nothing', { responses: [] }],
    ['one partition too few', { responses: [{ topicId: ID_A, partitions: [{ partitionIndex: 0 }] }] }],
    [
      'one partition twice',
      { responses: [{ topicId: ID_A, partitions: [{ partitionIndex: 0 }, { partitionIndex: 0 }] }] },
    ],
    [
      'another partition',
      { responses: [{ topicId: ID_A, partitions: [{ partitionIndex: 0 }, { partitionIndex: 7 }] }] },
    ],
    [
      'another topic',
      { responses: [{ topicId: ID_B, partitions: [{ partitionIndex: 0 }, { partitionIndex: 1 }] }] },
    ],
  ]
  for (const [what, response] of answers) {
    test(`${what} is an error, not a silence`, () =>
      assert.rejects(fetching(asked, response), { code: 'INCOMPLETE_RESPONSE' }))
  }

  test('an error of the whole is thrown', () => {
    return assert.rejects(fetching(asked, { errorCode: 70 }), { kafkaName: 'FETCH_SESSION_ID_NOT_FOUND' })
  })
})

describe('in a session', () => {
  const part = { partitionIndex: 0, highWatermark: 9, lastStableOffset: 9 }
  const whole = { sessionId: 7, responses: [{ topicId: ID_A, partitions: [part] }] }

  /** Asks several times of a broker with these answers; gives the results and the epochs of the questions. */
  async function askingAgain(answers: readonly Input<FetchResponse>[], times: number) {
    const left = [...answers]
    const epochs: number[] = []
    const script: Script = {
      [Fetch.key]: ({ body, answer }) => {
        epochs.push(body(Fetch).sessionEpoch)
        answer(Fetch, left.shift()!)
      },
    }
    await using broker = await ScriptedBroker.start(script)
    await using cluster = await Cluster.connect({ name: 'test', bootstrap: broker.bootstrap })
    const session = new FetchSession()
    const results: FetchedPartition[][] = []
    for (let time = 0; time < times; time++) {
      const asked = [asking('a', ID_A, 0)]
      results.push(await fetchRaw(cluster, 1, 'data', asked, { ...options, session }))
    }
    return { epochs, results }
  }

  test('a broker that has nothing new says nothing', async () => {
    const { epochs, results } = await askingAgain([whole, { sessionId: 7, responses: [] }], 2)
    assert.deepEqual(epochs, [0, 1])
    assert.deepEqual(results[1], results[0])
    assert.equal(results[1]![0]!.lastStableOffset, 9)
  })

  test('a session that the broker has lost is opened anew at once', async () => {
    for (const errorCode of [70, 71, 106]) {
      const { epochs, results } = await askingAgain([whole, { errorCode }, whole], 2)
      assert.deepEqual(epochs, [0, 1, 0])
      assert.equal(results[1]![0]!.highWatermark, 9)
    }
  })

  test('an answer that a quota holds back tells nothing, and the next question names all', async () => {
    const heldBack = { throttleTimeMs: 1, responses: [] }
    const { epochs, results } = await askingAgain([whole, { ...heldBack, sessionId: 7 }, whole], 3)
    assert.deepEqual(epochs, [0, 1, 0])
    assert.deepEqual(
      results.map(([one]) => one!.lastStableOffset),
      [9, -1, 9],
    )
  })
})

test('an answer without a session that a quota holds back tells nothing', async () => {
  const { results } = await fetching([asking('a', ID_A, 0)], { throttleTimeMs: 1, responses: [] })
  assert.deepEqual(
    results.map(({ errorCode, lastStableOffset, records }) => [errorCode, lastStableOffset, records]),
    [[0, -1, null]],
  )
})
