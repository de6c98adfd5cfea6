import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import type { FetchedPartition, FetchPartition } from './fetch.ts'
import { FetchSession } from './fetch-session.ts'

const ID_A = 'AAAAAAAAAAAAAAAAAAAAAQ'
const ID_B = 'AAAAAAAAAAAAAAAAAAAAAg'
const SESSION = 77

function at(topicId: string, partition: number, fetchOffset = 5): FetchPartition {
  const topic = topicId === ID_A ? 'a' : 'b'
  return { topic, topicId, partition, fetchOffset, partitionMaxBytes: 100, lastFetchedEpoch: 0 }
}

function answerOf(topic: string, partition: number, more: Partial<FetchedPartition> = {}): FetchedPartition {
  return {
    ...{ topic, partition, errorCode: 0, highWatermark: 9, lastStableOffset: 9, logStartOffset: 0 },
    ...{ abortedTransactions: [], preferredReadReplica: -1, diverging: null, records: null },
    ...more,
  }
}

/** Puts an answer of these into the session. */
function answer(
  session: FetchSession,
  parts: readonly (readonly [string, number, Partial<FetchedPartition>?])[],
  sessionId = SESSION,
): FetchedPartition[] {
  for (const [id, partition, more] of parts) {
    session.put(id, partition, (topic) => answerOf(topic, partition, more))
  }
  return session.finish(sessionId)
}

type Named = { readonly topicId?: string; readonly partitions?: readonly unknown[] | undefined }
function namesOf(topics: readonly Named[] | undefined): string[] {
  return (topics ?? []).flatMap(({ topicId, partitions = [] }) =>
    partitions.map((one) => {
      const partition = typeof one === 'number' ? one : (one as FetchPartition).partition
      return `${topicId === ID_A ? 'a' : 'b'}${partition}`
    }),
  )
}

function opened(partitions: readonly FetchPartition[]): FetchSession {
  const session = new FetchSession()
  session.ask(partitions)
  answer(
    session,
    partitions.map(({ topicId, partition }) => [topicId, partition]),
  )
  return session
}

describe('what is asked', () => {
  test('the first question names all and opens a session', () => {
    const { topics, ...rest } = new FetchSession().ask([at(ID_A, 0), at(ID_B, 1), at(ID_A, 2)])
    assert.deepEqual(namesOf(topics as Named[]), ['a0', 'a2', 'b1'])
    assert.deepEqual(rest, { sessionId: 0, sessionEpoch: 0, forgottenTopicsData: [] })
  })

  test('the next names nothing when nothing changed', () => {
    const session = opened([at(ID_A, 0), at(ID_B, 1)])
    const question = session.ask([at(ID_B, 1), at(ID_A, 0)])
    assert.deepEqual(question, {
      sessionId: SESSION,
      sessionEpoch: 1,
      topics: [],
      forgottenTopicsData: [],
    })
  })

  test('later ones name who stands elsewhere, who is new and who is left out', () => {
    const session = opened([at(ID_A, 0), at(ID_A, 1), at(ID_B, 0)])
    const question = session.ask([at(ID_A, 0), at(ID_A, 1, 6), at(ID_A, 2)])
    assert.deepEqual(namesOf(question.topics as Named[]), ['a1', 'a2'])
    assert.deepEqual(namesOf(question.forgottenTopicsData as Named[]), ['b0'])
  })

  test('one that was left out is named when it is back', () => {
    const session = opened([at(ID_A, 0), at(ID_A, 1)])
    session.ask([at(ID_A, 0)])
    answer(session, [])
    assert.deepEqual(namesOf(session.ask([at(ID_A, 0), at(ID_A, 1)]).topics as Named[]), ['a1'])
  })

  test('a topic made again under its name is another one', () => {
    const session = opened([at(ID_A, 0)])
    const question = session.ask([{ ...at(ID_B, 0), topic: 'a' }])
    assert.deepEqual(namesOf(question.topics as Named[]), ['b0'])
    assert.deepEqual(namesOf(question.forgottenTopicsData as Named[]), ['a0'])
  })

  test('after any doubt a question names all and closes what was', () => {
    const session = opened([at(ID_A, 0), at(ID_A, 1)])
    session.reset()
    const { topics, sessionId, sessionEpoch } = session.ask([at(ID_A, 0), at(ID_A, 1)])
    assert.deepEqual([namesOf(topics as Named[]), sessionId, sessionEpoch], [['a0', 'a1'], SESSION, 0])
  })

  test('a broker without a place for a session is asked for all each time', () => {
    const session = new FetchSession()
    for (let round = 0; round < 3; round++) {
      const { topics, sessionId, sessionEpoch } = session.ask([at(ID_A, 0)])
      assert.deepEqual([namesOf(topics as Named[]), sessionId, sessionEpoch], [['a0'], 0, 0])
      assert.equal(answer(session, [[ID_A, 0]], 0).length, 1)
    }
  })
})

describe('what is answered', () => {
  const records = Buffer.from('records')

  test('who is not named stands as before, without the records', () => {
    const session = new FetchSession()
    session.ask([at(ID_A, 0), at(ID_A, 1)])
    const [first] = answer(session, [
      [ID_A, 0, { records, highWatermark: 20, lastStableOffset: 18 }],
      [ID_A, 1],
    ])
    assert.equal(first?.records, records)
    session.ask([at(ID_A, 1), at(ID_A, 0, 18)])
    const [other, quiet] = answer(session, [[ID_A, 1, { records }]])
    assert.equal(other?.records, records)
    assert.deepEqual(quiet, answerOf('a', 0, { highWatermark: 20, lastStableOffset: 18 }))
  })

  test('a silence about one that was never answered, or had an error, is an error', () => {
    const session = new FetchSession()
    session.ask([at(ID_A, 0), at(ID_A, 1)])
    assert.throws(() => answer(session, [[ID_A, 0]]), { code: 'INCOMPLETE_RESPONSE' })
    const other = new FetchSession()
    other.ask([at(ID_A, 0)])
    answer(other, [[ID_A, 0, { errorCode: 6 }]])
    other.ask([at(ID_A, 0)])
    assert.throws(() => other.finish(SESSION), { code: 'INCOMPLETE_RESPONSE' })
  })

  test('one that was not asked is an error', () => {
    const session = opened([at(ID_A, 0), at(ID_A, 1)])
    session.ask([at(ID_A, 0)])
    assert.throws(() => answer(session, [[ID_A, 1]]), { code: 'INCOMPLETE_RESPONSE' })
  })
})

/** A broker's side of a session: what it was told last. */
class Memory {
  readonly wanted = new Map<string, number>()

  take({ sessionEpoch, topics, forgottenTopicsData }: ReturnType<FetchSession['ask']>): void {
    if (sessionEpoch === 0) this.wanted.clear()
    for (const { topicId, partitions } of (topics ?? []) as {
      topicId: string
      partitions: FetchPartition[]
    }[])
      for (const { partition, fetchOffset } of partitions)
        this.wanted.set(`${topicId}/${partition}`, fetchOffset)
    for (const { topicId, partitions } of (forgottenTopicsData ?? []) as {
      topicId: string
      partitions: number[]
    }[])
      for (const partition of partitions) this.wanted.delete(`${topicId}/${partition}`)
  }
}

test('whatever is asked one after the other, the broker knows exactly what was asked last', () => {
  const one = fc.record({ partition: fc.nat(5), offset: fc.nat(3), id: fc.constantFrom(ID_A, ID_B) })
  const list = fc.uniqueArray(one, { selector: ({ partition, id }) => `${id}/${partition}` })
  const round = fc.record({ list, fails: fc.boolean() })
  fc.assert(
    fc.property(fc.array(round, { maxLength: 20 }), (rounds) => {
      const session = new FetchSession()
      const broker = new Memory()
      for (const { list, fails } of rounds) {
        const asked = list.map(({ id, partition, offset }) => at(id, partition, offset))
        broker.take(session.ask(asked))
        const expected = asked.map(({ topicId, partition, fetchOffset }) => [
          `${topicId}/${partition}`,
          fetchOffset,
        ])
        assert.deepEqual(broker.wanted, new Map(expected as [string, number][]))
        if (fails) session.reset()
        else
          answer(
            session,
            asked.map(({ topicId, partition }) => [topicId, partition]),
          )
      }
    }),
  )
})
