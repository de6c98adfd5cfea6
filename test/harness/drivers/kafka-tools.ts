import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { javaTool } from '../../../src/engine/kafka/java-tool.ts'
import { type Access, javaConfig } from '../access.ts'
import { bytesOf, codecs, type SeenHeader, type SeenRecord, textOf } from '../records.ts'
import { temporaryDirectory } from '../temporary.ts'
import type { Reader, Writer } from './reader.ts'

const RUN_MS = 60_000
const NEWEST_TOOLS = '4.3.1'
const NULL = '\u2205'
const KEY_END = '|'

/** Kafka's console tools of one version; texts only, and no line breaks in them. */
export function consoleTools(version: string): Reader & Writer {
  const isOld = version.startsWith('3.')
  const property = isOld ? '--property' : '--formatter-property'
  return {
    name: `kafka-console-* ${version}`,
    codecs,
    filtersAborted: true,
    async read(access, topic, { atLeast }) {
      const shown = ['partition', 'offset', 'timestamp', 'headers', 'key'].map(
        (field) => `print.${field}=true`,
      )
      const form = [...shown, `null.literal=${NULL}`, `key.separator=${KEY_END}`, 'headers.separator=,']
      const output = await run(version, 'org.apache.kafka.tools.consumer.ConsoleConsumer', access, [
        ...['--topic', topic, '--from-beginning', '--isolation-level', 'read_committed'],
        ...['--max-messages', String(atLeast), '--timeout-ms', String(RUN_MS)],
        ...[isOld ? '--consumer.config' : '--command-config', propertiesFile(access)],
        ...form.flatMap((setting) => [property, setting]),
      ])
      return output.split('\n').flatMap((line) => (line.includes('Offset:') ? [seen(line)] : []))
    },
    async write(access, topic, records, codec) {
      const lines = records.map((record) => {
        const headers = (record.headers ?? []).map(([name, value]) => `${name}:${textOf(value)}`).join(',')
        const key = textOf(record.key ?? null) ?? NULL
        return `${headers}\t${key}${KEY_END}${textOf(record.value ?? null) ?? NULL}`
      })
      const reading = [
        'parse.key=true',
        'parse.headers=true',
        `null.marker=${NULL}`,
        `key.separator=${KEY_END}`,
      ]
      const tool = isOld ? 'kafka.tools.ConsoleProducer' : 'org.apache.kafka.tools.ConsoleProducer'
      const form = reading.flatMap((setting) => [isOld ? '--property' : '--reader-property', setting])
      const config = [isOld ? '--producer.config' : '--command-config', propertiesFile(access)]
      const options = ['--topic', topic, '--compression-codec', codec, ...config, ...form]
      await run(version, tool, access, options, `${lines.join('\n')}\n`)
    },
  }
}

/** kafka-verifiable-producer: values `prefix.0`, `prefix.1`, …; gives how many were acknowledged. */
export async function verifiableProducer(
  version: string,
  access: Access,
  topic: string,
  records: { readonly count: number; readonly prefix: number },
): Promise<number> {
  const output = await run(version, 'org.apache.kafka.tools.VerifiableProducer', access, [
    ...['--topic', topic, '--max-messages', String(records.count), '--acks', '-1'],
    ...['--value-prefix', String(records.prefix)],
    ...[version.startsWith('3.') ? '--producer.config' : '--command-config', propertiesFile(access)],
  ])
  return output.split('\n').filter((line) => line.includes('"producer_send_success"')).length
}

/** Any of Kafka's command line tools; gives what it printed. @throws when it ends with another exit code than 0 */
export async function kafkaTool(access: Access, tool: string, args: readonly string[]): Promise<string> {
  return await run(NEWEST_TOOLS, tool, access, ['--command-config', propertiesFile(access), ...args])
}

/**
 * Runs a command line that kmc printed, as an administrator would: the tool of that Kafka version, with the
 * administrator's own properties in place of `admin.properties`.
 */
export async function runPrinted(version: string, access: Access, command: string): Promise<void> {
  for (const line of command.split(' && ')) {
    const [tool = '', ...words] = [...line.matchAll(/'([^']*)'|[^ ]+/g)].map(
      ([word, quoted]) => quoted ?? word,
    )
    const args = words.map((word) => (word === 'admin.properties' ? propertiesFile(access) : word))
    const result = await javaTool(version, mainClassOf(tool, version), args, { timeoutMs: RUN_MS })
    if (result.code !== 0) throw new Error(`${line} ended with exit code ${result.code}: ${result.stderr}`)
  }
}

function mainClassOf(tool: string, version: string): string {
  if (tool === 'kafka-configs') return 'kafka.admin.ConfigCommand'
  if (tool === 'kafka-acls')
    return version.startsWith('3.') ? 'kafka.admin.AclCommand' : 'org.apache.kafka.tools.AclCommand'
  throw new Error(`no such tool: ${tool}`)
}

async function run(
  version: string,
  tool: string,
  access: Access,
  args: readonly string[],
  input = '',
): Promise<string> {
  const address = ['--bootstrap-server', access.bootstrap.join(',')]
  const result = await javaTool(version, tool, [...address, ...args], { input, timeoutMs: RUN_MS })
  if (result.code === 0) return result.stdout
  throw new Error(`${tool} ended with exit code ${result.code}: ${result.stderr.trim().slice(-1_000)}`)
}

function propertiesFile(access: Access): string {
  const path = join(temporaryDirectory('tools'), 'client.properties')
  const lines = Object.entries(javaConfig(access)).map(([name, value]) => `${name}=${value}`)
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 })
  return path
}

/** `CreateTime:1|Partition:0|Offset:5|a:b,c:∅|key|value` */
function seen(line: string): SeenRecord {
  const [time, partition, offset, headers, key, ...value] = line.split(KEY_END)
  const [type, timestamp] = time!.split(':')
  return {
    partition: Number(partition!.split(':')[1]),
    offset: Number(offset!.split(':')[1]),
    timestamp: Number(timestamp),
    timestampType: type === 'LogAppendTime' ? 'LogAppendTime' : 'CreateTime',
    key: bytesOrNull(key!),
    value: bytesOrNull(value.join(KEY_END)),
    headers: headers === 'NO_HEADERS' ? [] : headers!.split(',').map(headerOf),
  }
}

function headerOf(text: string): SeenHeader {
  const at = text.indexOf(':')
  return [text.slice(0, at), bytesOrNull(text.slice(at + 1))]
}

function bytesOrNull(text: string): string | null {
  return text === NULL ? null : bytesOf(text)
}
