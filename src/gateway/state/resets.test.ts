import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Api,
  decodeRequestHeader,
  decodeResponseFrame,
  encodeRequestFrame,
  encodeResponseFrame,
  type Input,
} from '../../wire/api.ts'
import { Fetch } from '../../wire/apis/001-fetch.ts'
import { ListOffsets } from '../../wire/apis/002-list-offsets.ts'
import { servedApi } from '../rewrite/served.ts'
import { Resets } from './resets.ts'
import type { Call } from './rules.ts'

const reader = { clientId: 'reader' }

function call<Req, Res>(api: Api<Req, Res>, version: number, body: Input<Req>, session = reader): Call {
  const frame = Buffer.concat(
    encodeRequestFrame(api, version, { correlationId: 1, clientId: 'reader' }, body),
  )
  return { api: servedApi(api.key)!, version, correlationId: 1, frame, session }
}

const fetching = (fetchOffset: number, session = reader) =>
  call(Fetch, 12, { topics: [{ topic: 'orders', partitions: [{ partition: 0, fetchOffset }] }] }, session)
const asking = (timestamp: number, session = reader) =>
  call(
    ListOffsets,
    6,
    { topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp }] }] },
    session,
  )

const resetsFor = (connected = [reader], members: (typeof reader)[] = []) =>
  new Resets(new Map([['orders-0', 80]]), { connected, members })

/** The offset that the broker is asked for. */
function sentOn(resets: Resets, asked: Call): number {
  const frame = resets.turnBack(asked) ?? asked.frame
  const content = frame.subarray(4)
  return Fetch.request.decode(12, content.subarray(decodeRequestHeader(content).bodyAt)).topics[0]!
    .partitions[0]!.fetchOffset
}

/** What the client is told when the cluster says that the log starts at 3. */
function told(resets: Resets, asked: Call): number {
  const verdict = resets.judgeListOffsets(asked)
  const topics = [{ name: 'orders', partitions: [{ partitionIndex: 0, offset: 3 }] }]
  const frame = Buffer.concat(encodeResponseFrame(ListOffsets, 6, 1, { topics }))
  const frames = verdict?.kind === 'pass' ? verdict.change?.(frame) : [frame]
  assert.ok(Array.isArray(frames))
  return decodeResponseFrame(ListOffsets, 6, Buffer.concat(frames).subarray(4)).body.topics[0]!.partitions[0]!
    .offset
}

test('a reader beyond the end goes on where the log ended at the switch, once', () => {
  const resets = resetsFor()
  resets.turnBack(fetching(100))
  assert.equal(told(resets, asking(-2)), 80)
  assert.equal(told(resets, asking(-2)), 3, 'from then on it is told the truth')
})

test('others, and questions about a time, are told the truth', () => {
  const resets = resetsFor()
  resets.turnBack(fetching(80))
  assert.equal(told(resets, asking(-2)), 3, 'a reader at the end is not beyond it')
  const ahead = resetsFor()
  ahead.turnBack(fetching(81))
  assert.equal(told(ahead, asking(-2, { clientId: 'reader' })), 3, 'another connection')
  assert.equal(told(ahead, asking(1_700_000_000_000)), 3)
})

test('a reader that was ahead is turned back until it has asked where to go on, whoever wrote there since', () => {
  const resets = resetsFor()
  assert.equal(sentOn(resets, fetching(85)), Number.MAX_SAFE_INTEGER)
  assert.equal(sentOn(resets, fetching(85)), Number.MAX_SAFE_INTEGER)
  assert.equal(told(resets, asking(-1)), 80)
  assert.equal(sentOn(resets, fetching(80)), 80)
  assert.equal(sentOn(resets, fetching(95)), 95)
  assert.equal(told(resets, asking(-1)), 3, 'who has gone on past the end is told the truth')
})

test('so is one that comes back by another connection, unless it has gone on already', () => {
  const resets = resetsFor()
  const again = { clientId: 'reader' }
  assert.equal(sentOn(resets, fetching(85, again)), Number.MAX_SAFE_INTEGER)
  assert.equal(sentOn(resets, fetching(80)), 80)
  assert.equal(sentOn(resets, fetching(85, { ...again })), 85)
})

test('who comes only now, and who reads in a group, is left alone', () => {
  const [other, member, asks] = ['other', 'member', 'asks'].map((clientId) => ({ clientId }))
  const resets = resetsFor([member!, asks!], [member!])
  resets.noteGrouped(asking(-1, asks))
  for (const one of [other, member, asks]) assert.equal(sentOn(resets, fetching(85, one)), 85)
})
