import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptedBroker } from '../../../test/kit/scripted-broker.ts'
import { Cluster } from '../../client/cluster.ts'
import { Produce } from '../../wire/apis/000-produce.ts'
import { Metadata } from '../../wire/apis/003-metadata.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import { StateStore } from './store.ts'
import { STATE_TOPIC } from './value.ts'

/** What a store does to write while the broker answers with a code; it gives in after `refusals` tries. */
async function writing(errorCode: number, refusals: number) {
  const triedAt: number[] = []
  await using broker = await ScriptedBroker.start({
    [Metadata.key]: ({ answer }) => {
      const partition = { partitionIndex: 0, leaderId: 1, replicaNodes: [1], isrNodes: [1] }
      const brokers = [{ nodeId: 1, ...broker.address }]
      answer(Metadata, {
        clusterId: 'c',
        controllerId: 1,
        brokers,
        topics: [{ name: STATE_TOPIC, partitions: [partition] }],
      })
    },
    [Produce.key]: ({ answer }) => {
      triedAt.push(performance.now())
      const code = triedAt.length > refusals ? ErrorCode.NONE : errorCode
      const partitionResponses = [{ index: 0, errorCode: code, baseOffset: code === 0 ? 7 : -1 }]
      answer(Produce, { responses: [{ name: STATE_TOPIC, partitionResponses }] })
    },
  })
  await using cluster = await Cluster.connect({ name: 'test', bootstrap: broker.bootstrap })
  const written = new StateStore(cluster).append({ kind: 'link', name: 'dr', record: null })
  const code = await written.then(
    () => null,
    (error: { code: string }) => error.code,
  )
  return { code, tries: triedAt.length, tookMs: (triedAt.at(-1) ?? 0) - (triedAt[0] ?? 0) }
}

test('a state topic that lacks replicas for a moment is waited for, not hammered', async () => {
  const { code, tries, tookMs } = await writing(ErrorCode.NOT_ENOUGH_REPLICAS, 6)
  assert.deepEqual([code, tries], [null, 7])
  // 20 + 40 + 80 + 160 + 320 + 500 ms, each up to a fifth less.
  assert.ok(tookMs > 700, `${tookMs} ms`)
})

test('what no wait cures is told at once', async () => {
  const refused = await writing(ErrorCode.TOPIC_AUTHORIZATION_FAILED, 1)
  assert.deepEqual([refused.code, refused.tries], ['NOT_AUTHORIZED', 1])
  assert.equal((await writing(ErrorCode.INVALID_RECORD, 1)).code, 'STATE_UNREACHABLE')
})
