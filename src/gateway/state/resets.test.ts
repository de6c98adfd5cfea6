import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Api,
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

const fetching = (fetchOffset: number) =>
  call(Fetch, 12, { topics: [{ topic: 'orders', partitions: [{ partition: 0, fetchOffset }] }] })
const asking = (timestamp: number, session = reader) =>
  call(
    ListOffsets,
    6,
    { topics: [{ name: 'orders', partitions: [{ partitionIndex: 0, timestamp }] }] },
    session,
  )

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
  const resets = new Resets(new Map([['orders-0', 80]]))
  resets.noteFetch(fetching(100))
  assert.equal(told(resets, asking(-2)), 80)
  assert.equal(told(resets, asking(-2)), 3, 'from then on it is told the truth')
})

test('others, and questions about a time, are told the truth', () => {
  const resets = new Resets(new Map([['orders-0', 80]]))
  resets.noteFetch(fetching(80))
  assert.equal(told(resets, asking(-2)), 3, 'a reader at the end is not beyond it')
  resets.noteFetch(fetching(81))
  assert.equal(told(resets, asking(-2, { clientId: 'reader' })), 3, 'another connection')
  assert.equal(told(resets, asking(1_700_000_000_000)), 3)
  assert.equal(told(resets, asking(-1)), 80)
})
