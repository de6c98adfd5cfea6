import { Readable } from 'node:stream'
import { z } from 'zod'
import { messageOf } from '../../base/error.ts'
import { type Outcome, outcomeOf } from '../../client/outcome.ts'
import type { Appended } from '../../client/records/append.ts'
import { ask } from '../ask.ts'
import { httpStatusOf, restCodeOf, serverError } from '../errors.ts'
import { bodyStream, type Call, Reply, type Route, route } from '../http/route.ts'
import { JsonValues } from '../records/json-values.ts'
import { writeRecords } from '../records/write.ts'
import { newRecord, producedRecord, type ReadyRecord, readRecord } from './record-data.ts'

type RecordCall = Pick<
  Call<{ readonly cluster: string; readonly topic: string }, unknown, unknown>,
  'house' | 'params' | 'signal'
>
type Told = z.infer<typeof producedRecord>

/** One record with all that is around it. */
const RECORD_BYTES_MAX = 32 * 1024 * 1024
/** Records of a stream that are written side by side before more of it is read. */
const TOGETHER_MAX = 200
const ENTRIES_MAX = 1_000
const WRITE_TIMEOUT_MS = 25_000

const entry = newRecord.extend({ id: z.string().min(1).max(80) })
const failure = z.object({ id: z.string(), error_code: z.int(), message: z.string() })
const success = producedRecord.omit({ error_code: true, message: true }).extend({ id: z.string() })

const shared = { method: 'POST', tag: 'records', need: { role: 'operator', on: 'topic' } } as const
/** Records are not in the audit log: they are their own. */
const action = null

export const recordRoutes: readonly Route[] = [
  route({
    ...shared,
    path: '/v3/clusters/{cluster}/topics/{topic}/records',
    summary:
      'Writes records: one, or a stream of JSON objects, half a minute long at most, that is answered line by line as it comes',
    action,
    body: bodyStream,
    answer: producedRecord,
    handle(call) {
      const told = answers(call, call.body)
      if (call.headers['transfer-encoding'] === undefined) return whole(told)
      return new Reply(200, Readable.from(asLines(told)), { 'content-type': 'application/json' })
    },
  }),
  route({
    ...shared,
    path: '/v3/clusters/{cluster}/topics/{topic}/records:batch',
    summary: 'Writes several records; each has an outcome of its own',
    action,
    body: z.object({ entries: z.array(entry).max(ENTRIES_MAX) }),
    answer: z.object({ successes: z.array(success), failures: z.array(failure) }),
    async handle(call) {
      const { entries } = call.body
      if (entries.length === 0) throw serverError('BATCH_INVALID', 'the batch is empty')
      if (new Set(entries.map(({ id }) => id)).size < entries.length) {
        throw serverError('BATCH_INVALID', 'the ids of the entries are not distinct')
      }
      const told = await write(call, entries.map(readOutcome))
      const named = told.map((one, at) => ({ ...one, id: entries[at]!.id }))
      const successes = named.flatMap(({ error_code, message, ...rest }) =>
        error_code === 200 ? [rest] : [],
      )
      const failures = named
        .filter(({ error_code }) => error_code !== 200)
        .map(({ id, error_code, message = '' }) => ({ id, error_code, message }))
      return new Reply(207, { successes, failures })
    },
  }),
]

/** Of a body that came whole: one record's answer with its status, or those of several line by line. */
async function whole(told: AsyncIterable<readonly Told[]>): Promise<Reply> {
  const all = (await Array.fromAsync(told)).flat()
  const [first] = all
  if (first === undefined) throw serverError('RECORD_INVALID', 'the body is empty')
  if (all.length === 1) return new Reply(statusOf(first), first)
  const lines = all.map((one) => `${JSON.stringify(one)}\n`).join('')
  return new Reply(200, lines, { 'content-type': 'application/json' })
}

async function* asLines(told: AsyncIterable<readonly Told[]>): AsyncGenerator<string> {
  for await (const part of told) yield part.map((one) => `${JSON.stringify(one)}\n`).join('')
}

/** Reads on only when what came before is written and its answers were taken: so a slow cluster slows the sender. */
async function* answers(call: RecordCall, body: Readable): AsyncGenerator<readonly Told[]> {
  const values = new JsonValues(RECORD_BYTES_MAX)
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      const ready = values.push(chunk).map((bytes) => parsed(bytes))
      for (let at = 0; at < ready.length; at += TOGETHER_MAX) {
        yield await write(call, ready.slice(at, at + TOGETHER_MAX))
      }
    }
    values.end()
  } catch (error) {
    // The rest cannot be told apart any more.
    yield [failed(error)]
  }
}

function parsed(bytes: Buffer): Ready {
  try {
    const checked = newRecord.safeParse(JSON.parse(bytes.toString()))
    return checked.success ? readOutcome(checked.data) : { told: failed(invalid(checked.error.issues[0]!)) }
  } catch (cause) {
    return { told: failed(serverError('RECORD_INVALID', `a record is not JSON: ${messageOf(cause)}`)) }
  }
}

type Ready = { readonly record: ReadyRecord } | { readonly told: Told }

function readOutcome(body: z.infer<typeof newRecord>): Ready {
  try {
    return { record: readRecord(body) }
  } catch (error) {
    return { told: failed(error) }
  }
}

function invalid({ path, message }: z.core.$ZodIssue): Error {
  return serverError('RECORD_INVALID', `a record is not valid: ${path.join('.')}: ${message}`)
}

/** One answer a record, in order; records that were refused already are not sent. */
async function write(call: RecordCall, ready: readonly Ready[]): Promise<Told[]> {
  const good = ready.flatMap((one) => ('record' in one ? [one.record] : []))
  const { topic } = call.params
  const written = await outcomeOf(
    ask(
      call,
      async (cluster, limits) => ({
        clusterId: cluster.clusterId,
        outcomes: await writeRecords(cluster, topic, good, limits),
      }),
      WRITE_TIMEOUT_MS,
    ),
  )
  let at = 0
  return ready.map((one) => {
    if ('told' in one) return one.told
    const index = at++
    if (!written.ok) return failed(written.error)
    const { clusterId, outcomes } = written.value
    return toldOf(clusterId, one.record, outcomes[index]!)
  })
}

function toldOf(clusterId: string, { told }: ReadyRecord, outcome: Outcome<Appended>): Told {
  if (!outcome.ok) return failed(outcome.error)
  const { topic, partition, offset, timestamp } = outcome.value
  return {
    ...{ error_code: 200, cluster_id: clusterId, topic_name: topic, partition_id: partition, offset },
    timestamp: new Date(timestamp).toISOString(),
    ...told,
  }
}

function failed(error: unknown): Told {
  const isOurs = httpStatusOf(error) !== 500
  return {
    error_code: restCodeOf(error),
    message: isOurs ? messageOf(error) : 'an error that nobody expected',
  }
}

function statusOf({ error_code: code }: Told): number {
  return code > 999 ? Math.floor(code / 100) : code
}
