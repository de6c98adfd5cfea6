import { runCommand } from '../../../src/engine/processes/run-command.ts'
import { kcatOptions } from '../access.ts'
import { bytesOf, codecs, type NewRecord, type SeenHeader, type SeenRecord, textOf } from '../records.ts'
import type { Reader, Writer } from './reader.ts'

const RUN_MS = 60_000
/** kcat's own patience with a broker is 5 s, which a busy machine may need for a TLS handshake. */
const METADATA_SECONDS = '30'
const KEY_END = '\t'

type JsonMessage = {
  readonly partition: number
  readonly offset: number
  readonly tstype: 'create' | 'logappend'
  readonly ts: number
  readonly headers?: readonly (string | null)[]
  readonly key: string | null
  readonly payload: string | null
}

/** librdkafka's command; `need('kcat')` of the kit says whether it is there. */
export const kcat: Reader & Writer = {
  name: 'kcat',
  codecs,
  filtersAborted: true,
  async read(access, topic) {
    const options = ['-C', '-q', '-e', '-J', '-t', topic, '-o', 'beginning']
    const settings = ['-X', 'isolation.level=read_committed', '-X', 'check.crcs=true']
    const output = await run([...kcatOptions(access), ...options, ...settings])
    const lines = output.split('\n').filter((line) => line !== '')
    return lines.map((line) => seen(JSON.parse(line) as JsonMessage))
  },
  async write(access, topic, records, codec) {
    for (const { first, lines } of inRuns(records)) {
      const headers = (first.headers ?? []).flatMap(([name, value]) => ['-H', `${name}=${textOf(value)}`])
      const options = ['-P', '-t', topic, '-p', String(first.partition), '-K', KEY_END, '-Z', '-z', codec]
      await run([...kcatOptions(access), ...options, ...headers], `${lines.join('\n')}\n`)
    }
  },
}

/** Texts only: kcat's JSON has no form for other bytes. */
function seen(message: JsonMessage): SeenRecord {
  const { partition, offset, tstype, ts, key, payload, headers = [] } = message
  const pairs: SeenHeader[] = []
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const value = headers[at + 1]
    pairs.push([headers[at]!, value === null || value === undefined ? null : bytesOf(value)])
  }
  return {
    partition,
    offset,
    timestamp: ts,
    timestampType: tstype === 'create' ? 'CreateTime' : 'LogAppendTime',
    key: key === null ? null : bytesOf(key),
    value: payload === null ? null : bytesOf(payload),
    headers: pairs,
  }
}

/** One run of kcat writes to one partition with one set of headers. */
function inRuns(records: readonly NewRecord[]): { first: NewRecord; lines: string[] }[] {
  const runs: { first: NewRecord; lines: string[] }[] = []
  for (const record of records) {
    const last = runs.at(-1)
    const line = `${textOf(record.key ?? null) ?? ''}${KEY_END}${textOf(record.value ?? null) ?? ''}`
    const fits =
      last !== undefined &&
      last.first.partition === record.partition &&
      JSON.stringify(last.first.headers) === JSON.stringify(record.headers)
    if (fits) last.lines.push(line)
    else runs.push({ first: record, lines: [line] })
  }
  return runs
}

async function run(args: readonly string[], input = ''): Promise<string> {
  const env = Object.fromEntries(
    Object.entries(process.env).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  )
  const command = { file: 'kcat', args: ['-m', METADATA_SECONDS, ...args], env }
  const result = await runCommand(command, { input, timeoutMs: RUN_MS })
  if (result.code !== 0) throw new Error(`kcat ended with exit code ${result.code}: ${result.stderr.trim()}`)
  return result.stdout
}
