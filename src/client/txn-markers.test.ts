import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Script, ScriptedBroker } from '../../test/kit/scripted-broker.ts'
import type { Input } from '../wire/api.ts'
import {
  WriteTxnMarkers,
  type WriteTxnMarkersRequest,
  type WriteTxnMarkersResponse,
} from '../wire/apis/027-write-txn-markers.ts'
import { Cluster } from './cluster.ts'
import { type TxnMarker, writeTxnMarkers } from './txn-markers.ts'

async function writing(markers: readonly TxnMarker[], response: Input<WriteTxnMarkersResponse>) {
  const asked: WriteTxnMarkersRequest[] = []
  const script: Script = {
    [WriteTxnMarkers.key]: ({ body, answer }) => {
      asked.push(body(WriteTxnMarkers))
      answer(WriteTxnMarkers, response)
    },
  }
  await using broker = await ScriptedBroker.start(script)
  await using cluster = await Cluster.connect({ name: 'test', bootstrap: broker.bootstrap })
  return { results: await writeTxnMarkers(cluster, { node: 1 }, markers), asked: asked[0]! }
}

const partitions = [0, 1].map((partition) => ({ topic: 't', partition }))
const marker = { producerId: 7, producerEpoch: 2, committed: true, coordinatorEpoch: 9, partitions }

function answering(
  ...codes: readonly (readonly [producerId: number, partition: number, errorCode: number])[]
) {
  return {
    markers: codes.map(([producerId, partitionIndex, errorCode]) => {
      return { producerId, topics: [{ name: 't', partitions: [{ partitionIndex, errorCode }] }] }
    }),
  }
}

test('each entry is one marker in each of its partitions', async () => {
  const { results, asked } = await writing(
    [marker, marker, { ...marker, committed: false }],
    answering([7, 1, 0], [7, 0, 52]),
  )
  const entry = { producerId: 7, producerEpoch: 2, coordinatorEpoch: 9 }
  assert.deepEqual(
    asked.markers.map(({ producerId, producerEpoch, coordinatorEpoch, transactionResult }) => {
      return { producerId, producerEpoch, coordinatorEpoch, transactionResult }
    }),
    [true, true, false].map((transactionResult) => ({ ...entry, transactionResult })),
  )
  assert.deepEqual(asked.markers[0]?.topics, [{ name: 't', partitionIndexes: [0, 1] }])
  assert.deepEqual(
    results.map(({ partition, errorCode }) => [partition, errorCode]),
    [
      [1, 0],
      [0, 52],
    ],
  )
})

test('a failure is not hidden by a success of the same partition', async () => {
  const { results } = await writing([marker], answering([7, 0, 0], [7, 0, 52], [7, 0, 0], [7, 1, 0]))
  assert.equal(results.find(({ partition }) => partition === 0)?.errorCode, 52)
})

test('a producer and partition that were left out are an error', async () => {
  const other = { ...marker, producerId: 8 }
  const missing = writing([marker, other], answering([7, 0, 0], [7, 1, 0], [8, 1, 0]))
  await assert.rejects(missing, { code: 'INCOMPLETE_RESPONSE', message: /producer 8 on t-0/ })
})

test('a partition twice in one entry is refused', async () => {
  const twice = { ...marker, partitions: [partitions[0]!, partitions[0]!] }
  await assert.rejects(writing([twice], {}), { code: 'INVALID_ARGUMENT' })
})
