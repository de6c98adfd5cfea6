import {
  decodeRequestHeader,
  decodeResponseFrame,
  encodeRequestFrame,
  encodeResponseFrame,
} from '../../wire/api.ts'
import { Produce } from '../../wire/apis/000-produce.ts'
import type { ScannedPartition } from '../frames/produce-scan.ts'

/** A batch that need not be written, and where it stands. */
export type Delivered = { readonly batch: ScannedPartition; readonly offset: number }

const SIZE_BYTES = 4

/** The same Produce request without what is there already. */
export function withoutDelivered(frame: Buffer, delivered: readonly Delivered[]): Buffer {
  const content = frame.subarray(SIZE_BYTES)
  const { apiVersion, correlationId, clientId, bodyAt } = decodeRequestHeader(content)
  const body = Produce.request.decode(apiVersion, content.subarray(bodyAt))
  const isThere = (name: string, index: number): boolean =>
    delivered.some(({ batch }) => batch.topic === name && batch.partition === index)
  const topicData = body.topicData.map(({ name, partitionData }) => ({
    name,
    partitionData: partitionData.filter(({ index }) => !isThere(name, index)),
  }))
  const rest = { ...body, topicData: topicData.filter(({ partitionData }) => partitionData.length > 0) }
  return Buffer.concat(encodeRequestFrame(Produce, apiVersion, { correlationId, clientId }, rest))
}

/** An answer that tells of what is there already, beside what a broker answered about the rest (null: nothing). */
export function answerWithDelivered(
  answer: Buffer | null,
  version: number,
  correlationId: number,
  delivered: readonly Delivered[],
): Buffer[] {
  const byTopic = Map.groupBy(delivered, ({ batch }) => batch.topic)
  const there = [...byTopic].map(([name, found]) => ({
    name,
    partitionResponses: found.map(({ batch, offset }) => ({ index: batch.partition, baseOffset: offset })),
  }))
  if (answer === null) return encodeResponseFrame(Produce, version, correlationId, { responses: there })
  const { body } = decodeResponseFrame(Produce, version, answer.subarray(SIZE_BYTES))
  return encodeResponseFrame(Produce, version, correlationId, {
    ...body,
    responses: [...body.responses, ...there],
  })
}
