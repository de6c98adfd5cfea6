import { systemClock } from '../../base/clock.ts'
import { ErrorCode, errorOf } from '../../wire/error-codes.ts'
import { linkError, nameOf } from '../errors.ts'
import type { TopicPartition } from '../port.ts'
import type { LinkRecord } from '../state/records.ts'
import type { Side } from './side.ts'

const TRYING_MS = 10_000
const PAUSE_MS = 100

/**
 * Ends a link as a writer: on every partition a marker of the next epoch that its producer id has there. From then on
 * a broker refuses whatever of the link is still on its way with INVALID_PRODUCER_EPOCH, however late it comes
 * (ProducerAppendInfo.checkProducerEpoch). Each partition gets one offset that no reader sees. Gives false, with
 * nothing written, where the right to write markers is missing (CLUSTER_ACTION or ALTER).
 * @throws MIRROR_FAILED for a partition that does not take it in ten seconds
 */
export async function fenceWriter(
  { port }: Side,
  { producerId, producerEpoch }: LinkRecord,
  generation: number,
  partitions: readonly TopicPartition[],
): Promise<boolean> {
  if (producerId === null || producerEpoch === null) return true
  const writer = { producerId, producerEpoch, generation }
  const deadline = systemClock.now() + TRYING_MS
  let left = partitions
  while (left.length > 0) {
    const answers = await writeAll(port, writer, left)
    if (answers.some(({ errorCode }) => errorCode === ErrorCode.CLUSTER_AUTHORIZATION_FAILED)) return false
    const open = answers.filter(({ errorCode }) => errorCode !== ErrorCode.NONE)
    if (open.length > 0 && systemClock.now() > deadline) {
      const { name } = errorOf(open[0]!.errorCode)
      const text = `${nameOf(open[0]!)} does not take the marker that ends the link: ${name}`
      throw linkError('MIRROR_FAILED', text, { retriable: true, context: { left: open.length } })
    }
    if (open.length > 0) {
      await systemClock.sleep(PAUSE_MS)
      await port.refresh()
    }
    left = open
  }
  return true
}

async function writeAll(
  port: Side['port'],
  writer: { readonly producerId: number; readonly producerEpoch: number; readonly generation: number },
  partitions: readonly TopicPartition[],
): Promise<readonly (TopicPartition & { readonly errorCode: number })[]> {
  const byNode = Map.groupBy(partitions, (at) => port.leaderOf(at))
  const asked = [...byNode].map(async ([node, group]) => {
    if (node === null) return group.map((at) => ({ ...at, errorCode: ErrorCode.LEADER_NOT_AVAILABLE }))
    const states = await port.producers(node, group)
    const known = states.map(({ producers }) =>
      producers.find(({ producerId }) => producerId === writer.producerId),
    )
    const items = group.map((at, index) => {
      // Where it is written is of no matter: what was to be copied is there.
      return {
        ...at,
        offset: 0,
        count: 1,
        producerEpoch: (known[index]?.producerEpoch ?? writer.producerEpoch) + 1,
      }
    })
    return await port.writeMarkers(node, writer, items)
  })
  return (await Promise.all(asked)).flat()
}
