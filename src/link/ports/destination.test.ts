import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ScriptedBroker } from '../../../test/kit/scripted-broker.ts'
import { Cluster } from '../../client/cluster.ts'
import { ListOffsets } from '../../wire/apis/002-list-offsets.ts'
import { ErrorCode } from '../../wire/error-codes.ts'
import { DestinationAdapter } from './destination.ts'

const DEBUGGING_REPLICA = -2

/** What `ends` says of a log that ends at `log` and of which readers see what lies before `visible`. */
async function endOf(log: number, visible: number, visibleCode = 0) {
  await using broker = await ScriptedBroker.start({
    [ListOffsets.key]: ({ body, answer }) => {
      const isLog = body(ListOffsets).replicaId === DEBUGGING_REPLICA
      const found = isLog ? { errorCode: 0, offset: log } : { errorCode: visibleCode, offset: visible }
      answer(ListOffsets, { topics: [{ name: 't', partitions: [{ partitionIndex: 0, ...found }] }] })
    },
  })
  await using cluster = await Cluster.connect({ name: 'test', bootstrap: broker.bootstrap })
  const adapter = new DestinationAdapter(cluster)
  const [end] = await adapter.ends(1, [{ topic: 't', partition: 0 }])
  return [end!.errorCode, end!.offset]
}

test('a log has an end only when all of it is replicated: a marker sent again would come after the rest', async () => {
  assert.deepEqual(await endOf(12, 12), [ErrorCode.NONE, 12])
  assert.deepEqual(await endOf(13, 12), [ErrorCode.OFFSET_NOT_AVAILABLE, 12])
})

test('a broker that does not lead knows no end, whatever its own log holds', async () => {
  assert.equal((await endOf(12, -1, ErrorCode.NOT_LEADER_OR_FOLLOWER))[0], ErrorCode.NOT_LEADER_OR_FOLLOWER)
})
