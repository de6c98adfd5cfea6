import { createReadStream } from 'node:fs'
import { Option } from 'commander'
import { messageOf } from '../../base/error.ts'
import { connectOne } from '../clusters.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { cliError } from '../errors.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { inBatches } from '../records/batches.ts'
import { type Encoding, encodings, fromText } from '../records/field.ts'
import { linesOf } from '../records/lines.ts'
import { parseHeader, type ReadOptions, type RecordHeader, readRecord } from '../records/read-record.ts'
import { codecs, RecordWriter, type WriteOptions, type Written } from '../records/write-records.ts'
import { parseCount } from '../terminal/units.ts'
import { findTopic, pickPartitions, withCluster } from '../topics.ts'

type ProduceOptions = Pick<WriteOptions, 'compression' | 'acks'> & {
  readonly cluster?: string
  readonly input?: string
  readonly format: 'text' | 'json'
  readonly encoding: Encoding
  readonly keySeparator?: string
  readonly key?: string
  readonly header: readonly RecordHeader[]
  readonly partition?: number
  readonly emptyAsNull?: true
}

export const produce: CommandDefinition<ProduceOptions> = {
  description:
    'Writes records to a topic, one from each line of standard input or of a file. A line is a value, or key and value ' +
    'with --key-separator, or with --format json an object with key, value, headers, partition and timestamp, as ' +
    '`kmc consume -o json` prints it. Keys go to the partitions that Kafka’s Java clients choose.',
  examples: [
    ["echo 'hello' | kmc produce greetings --cluster seoul", 'one record'],
    ['kmc produce orders --cluster seoul --key-separator : --input orders.txt', 'key:value lines of a file'],
    [
      'kmc consume orders --cluster seoul -e -o json | kmc produce copy --cluster busan --format json',
      'copy records byte by byte',
    ],
  ],
  configure: (command) =>
    withCluster(command)
      .argument('<topic>', 'the topic to write to; it must exist')
      .option('--input <file>', 'read lines from this file instead of standard input')
      .addOption(new Option('--format <format>', 'what a line is').choices(['text', 'json']).default('text'))
      .addOption(new Option('--encoding <name>', 'of keys and values').choices(encodings).default('utf8'))
      .option('-K, --key-separator <text>', 'what stands before its first occurrence is the key')
      .option('-k, --key <key>', 'key of every record that has none of its own')
      .option('-H, --header <name=value>', 'a header of every record; may be repeated', collectHeader, [])
      .option('-p, --partition <number>', 'write to this partition', (text) =>
        parseCount(text, '--partition', { min: 0, max: 2 ** 31 - 1 }),
      )
      .option('--empty-as-null', 'empty values are tombstones')
      .addOption(new Option('-z, --compression <codec>', 'of batches').choices(codecs).default('none'))
      .addOption(
        new Option('--acks <who>', 'who must have a record before it counts as written')
          .choices(['all', '1', '0'])
          .default('all'),
      ),
  stopMs: 10_000,
  run: async (context, options, [topic]) => await runProduce(context, options, topic!),
}

function collectHeader(text: string, before: readonly RecordHeader[]): readonly RecordHeader[] {
  return [...before, parseHeader(text)]
}

async function runProduce(
  context: CommandContext,
  options: ProduceOptions,
  topic: string,
): Promise<ExitCode> {
  const { out, signal, stdin } = context
  await using cluster = await connectOne(context, options.cluster)
  const metadata = await findTopic(cluster, topic, signal)
  if (options.partition !== undefined) pickPartitions(metadata, [options.partition])
  const { compression, acks } = options
  const partitionCount = metadata.partitions.length
  const writer = new RecordWriter(cluster.config, { topic, partitionCount, compression, acks })
  if (options.input === undefined && stdin.isTTY) out.note('One record a line; Ctrl-D ends.')
  try {
    await writeAll(writer, context, options)
  } finally {
    await writer.close()
    if (writer.written.length > 0) await report(context, cluster.name, topic, writer.written)
  }
  if (writer.written.length === 0) out.note('No records.')
  return signal.aborted ? Exit.interrupted : Exit.ok
}

async function writeAll(
  writer: RecordWriter,
  context: CommandContext,
  options: ProduceOptions,
): Promise<void> {
  const reading = readOptions(options)
  const { partition } = options
  const input = options.input === undefined ? context.stdin : createReadStream(options.input)
  const stop = () => input.destroy()
  context.signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const lines of inBatches(linesOf(input))) {
      const records = lines.map((line) => readRecord(line, reading))
      await writer.write(
        partition === undefined ? records : records.map((record) => ({ ...record, partition })),
      )
    }
  } catch (error) {
    if (context.signal.aborted) return
    if (isFileError(error)) throw cliError('INPUT_UNREADABLE', messageOf(error), { cause: error })
    throw error
  } finally {
    context.signal.removeEventListener('abort', stop)
  }
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error
}

function readOptions(options: ProduceOptions): ReadOptions {
  const { format, encoding, keySeparator, key, header, emptyAsNull } = options
  return {
    format,
    encoding,
    keySeparator: keySeparator ?? null,
    key: key === undefined ? null : fromText(key, encoding, '--key'),
    headers: header,
    emptyIsNull: emptyAsNull === true,
  }
}

/** What was written, by partition: what `-o json` prints. */
type ProduceReport = {
  readonly cluster: string
  readonly topic: string
  readonly records: number
  readonly partitions: readonly Written[]
}

async function report(
  { out }: CommandContext,
  cluster: string,
  topic: string,
  partitions: readonly Written[],
): Promise<void> {
  const records = partitions.reduce((sum, part) => sum + part.records, 0)
  const written: ProduceReport = { cluster, topic, records, partitions }
  await out.value(written, () => {
    out.line(
      `${records} ${records === 1 ? 'record' : 'records'} to ${topic} on ${cluster}: ${partitions.map(placeOf).join(' ')}`,
    )
  })
}

/** `0@17-42`: partition, first and last offset. */
function placeOf({ partition, firstOffset, lastOffset }: Written): string {
  if (firstOffset === null) return `${partition}`
  return `${partition}@${firstOffset}${firstOffset === lastOffset ? '' : `-${lastOffset}`}`
}
