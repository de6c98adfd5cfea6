import { z } from 'zod'
import type { Cluster } from '../../client/cluster.ts'
import type { Isolation } from '../../client/isolation.ts'
import { rangesFrom, type Start } from '../../client/records/ranges.ts'
import { type ConsumedRecord, readTopic } from '../../client/records/read-topic.ts'
import { ask, topicOf } from '../ask.ts'
import { serverError } from '../errors.ts'

const field = z.discriminatedUnion('type', [
  z.object({ type: z.literal('null') }),
  z.object({ type: z.enum(['json', 'text']), text: z.string(), sizeBytes: z.number(), isCut: z.boolean() }),
  z.object({ type: z.literal('binary'), base64: z.string(), sizeBytes: z.number(), isCut: z.boolean() }),
])

/** `ShownRecord` of src/observe/records. */
export const recordSchema = z.object({
  partition: z.number(),
  offset: z.number(),
  timestamp: z.number(),
  key: field,
  value: field,
  headers: z.array(z.object({ name: z.string(), value: field })),
  sizeBytes: z.number(),
})

export const isolation = z.enum(['read_committed', 'read_uncommitted']).default('read_committed')

const PARTITIONS_MAX = 10_000

/** `0,3,7`. */
export const wordList = z
  .string()
  .regex(/^\d{1,6}(,\d{1,6})*$/, 'write numbers with commas between')
  .transform((text) => text.split(',').map(Number))
  .refine((numbers) => numbers.length <= PARTITIONS_MAX, `at most ${PARTITIONS_MAX}`)

/** `beginning`, `end`, `17`, `-5`, `@1767225600000`. @throws REQUEST_INVALID */
export function startOf(text: string): Start {
  if (text === 'beginning' || text === 'end') return { at: text }
  const [, sign, digits] = /^([-@]?)(\d{1,16})$/.exec(text) ?? []
  const number = Number(digits)
  if (digits === undefined || !Number.isSafeInteger(number)) {
    const why = `from: "${text}" is neither beginning, end, an offset, -N for the last N, nor @ and milliseconds`
    throw serverError('REQUEST_INVALID', why)
  }
  if (sign === '-') return { at: 'last', count: number }
  return sign === '@' ? { at: 'time', timestampMs: number } : { at: 'offset', offset: number }
}

/** Those asked for that the topic has; all of it when none were named. @throws PARTITION_NOT_FOUND, KAFKA_ERROR */
export async function partitionsOf(
  cluster: Cluster,
  topic: string,
  asked: readonly number[] | undefined,
  signal: AbortSignal,
): Promise<number[]> {
  const present = (await topicOf(cluster, topic, { signal })).partitions.map(({ partition }) => partition)
  const missing = asked?.find((partition) => !present.includes(partition))
  if (missing !== undefined) {
    const text = `topic ${topic} has partitions 0 to ${present.length - 1}, not ${missing}`
    throw serverError('PARTITION_NOT_FOUND', text)
  }
  return asked === undefined ? present : [...new Set(asked)]
}

type Place = {
  readonly cluster: string
  readonly topic: string
  readonly partition: number
  readonly offset: number
}

type PlaceCall = Parameters<typeof ask>[0] & {
  readonly params: Place
  readonly query: { readonly isolation: Isolation }
}

/** @throws RECORD_NOT_FOUND, OFFSET_GONE */
export async function oneRecord(call: PlaceCall): Promise<ConsumedRecord> {
  const { topic, partition, offset } = call.params
  const { isolation } = call.query
  const found = await ask(call, async (cluster, { signal }) => {
    await partitionsOf(cluster, topic, [partition], signal)
    const start = { at: 'offset', offset } as const
    const [range] = await rangesFrom(cluster, topic, [partition], { start, isolation, signal })
    const ranges = [{ ...range!, end: Math.min(range!.end, offset + 1) }]
    const plan = { topic, ranges, isolation, untilEnd: true, signal }
    for await (const { records } of readTopic(cluster, plan)) {
      if (records[0] !== undefined) return records[0]
    }
    return null
  })
  if (found !== null) return found
  const why = `no record stands at offset ${offset} of ${topic}-${partition}: compacted, aborted, or a marker`
  throw serverError('RECORD_NOT_FOUND', why)
}
