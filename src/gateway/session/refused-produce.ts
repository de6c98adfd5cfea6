import { encodeResponseFrame } from '../../wire/api.ts'
import { Produce } from '../../wire/apis/000-produce.ts'
import type { ScannedPartition } from '../frames/produce-scan.ts'

/** The answer to a Produce request of which nothing is written: every partition with this error code of Kafka's. */
export function refusedProduce(
  partitions: readonly ScannedPartition[],
  version: number,
  correlationId: number,
  errorCode: number,
): Buffer[] {
  const byTopic = Map.groupBy(partitions, ({ topic }) => topic)
  const responses = [...byTopic].map(([name, found]) => ({
    name,
    partitionResponses: found.map(({ partition }) => ({ index: partition, errorCode, baseOffset: -1 })),
  }))
  return encodeResponseFrame(Produce, version, correlationId, { responses })
}
