import { z } from 'zod'
import { messageOf } from '../../base/error.ts'
import type { Outcome } from '../../client/outcome.ts'
import type { Appended } from '../../client/records/append.ts'
import { ask } from '../ask.ts'
import { restCodeOf } from '../errors.ts'
import type { Route } from '../http/route.ts'
import { type NewRecord, writeRecords } from '../records/write.ts'
import { bytesOf } from './data.ts'
import { answerType, type Format, formatOfBody } from './media.ts'
import { asReply, neededBody, rows, type V2Call } from './row.ts'

const RECORDS_MAX = 10_000
const WRITE_TIMEOUT_MS = 25_000

const record = z.object({
  key: z.unknown().optional(),
  value: z.unknown().optional(),
  partition: z.int().min(0).nullish(),
})
const records = z.object({ records: z.array(record).min(1).max(RECORDS_MAX) })

const answer = z.object({
  offsets: z.array(
    z.object({
      partition: z.int().nullable(),
      offset: z.int().nullable(),
      error_code: z.int().nullable(),
      error: z.string().nullable(),
    }),
  ),
  key_schema_id: z.int().nullable(),
  value_schema_id: z.int().nullable(),
})

type ProduceCall = V2Call<{ readonly topic: string }>

const writes = { method: 'POST', need: { role: 'operator', on: 'topic' }, answer } as const

/** Records are not in the audit log: they are their own. */
export const produceRoutes: readonly Route[] = [
  ...rows({
    ...writes,
    path: '/topics/{topic}',
    summary: 'Writes records; the media type says how keys and values stand in the body',
    handle: (call) => produce(call, null),
  }),
  ...rows({
    ...writes,
    path: '/topics/{topic}/partitions/{partition}',
    summary: 'Writes records into one partition',
    handle: (call) => produce(call, Number(call.params.partition)),
  }),
]

async function produce(call: ProduceCall, partition: number | null) {
  const type = answerType(call.headers.accept)
  const format = formatOfBody(call.headers['content-type'])
  const body = await neededBody(call, records, 'RECORD_INVALID')
  const ready = body.records.map((one) => newRecord(format, one, partition))
  const outcomes = await ask(
    call,
    (cluster, limits) => writeRecords(cluster, call.params.topic, ready, limits),
    WRITE_TIMEOUT_MS,
  )
  // What is asked of one partition and is not there is no record's fault.
  const [first] = outcomes
  if (partition !== null && first?.ok === false && restCodeOf(first.error) === 404_02) throw first.error
  const isForbidden = outcomes.some((one) => !one.ok && restCodeOf(one.error) === 403_01)
  const told = { offsets: outcomes.map(outcomeBody), key_schema_id: null, value_schema_id: null }
  return asReply(told, type, isForbidden ? 403 : 200)
}

function newRecord(
  format: Format,
  { key, value, partition: own }: z.infer<typeof record>,
  all: number | null,
): NewRecord {
  return {
    record: {
      timestamp: Date.now(),
      key: bytesOf(format, key, 'key'),
      value: bytesOf(format, value, 'value'),
      headers: [],
    },
    partition: own ?? all,
  }
}

function outcomeBody(outcome: Outcome<Appended>): z.infer<typeof answer>['offsets'][number] {
  if (outcome.ok) {
    const { partition, offset } = outcome.value
    return { partition, offset, error_code: null, error: null }
  }
  const { error } = outcome
  return { partition: null, offset: null, error_code: restCodeOf(error), error: messageOf(error) }
}
