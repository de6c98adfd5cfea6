import { once } from 'node:events'
import { Option } from 'commander'
import { rangesFrom } from '../../client/records/ranges.ts'
import { type ConsumedRecord, readTopic } from '../../client/records/read-topic.ts'
import { connectOne } from '../clusters.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { type Encoding, encodings, fromText } from '../records/field.ts'
import { printRecord, type RecordFormat, recordFormats } from '../records/print-record.ts'
import { parseStart } from '../records/start.ts'
import { parseCount } from '../terminal/units.ts'
import { findTopic, pickPartitions, withCluster } from '../topics.ts'

type ConsumeOptions = {
  readonly cluster?: string
  readonly from?: string
  readonly group?: string
  readonly partition: readonly number[]
  readonly count?: number
  readonly exit?: true
  readonly key?: string
  readonly format: RecordFormat
  readonly encoding: Encoding
  readonly isolation: 'read_committed' | 'read_uncommitted'
}

export const consume: CommandDefinition<ConsumeOptions> = {
  description:
    'Prints the records of a topic: from its beginning unless told otherwise, then waits for more until Ctrl-C. ' +
    'With --group it reads as a member of a consumer group and commits what it has printed. Fields that are not UTF-8 ' +
    'come as {"base64": "…"} in JSON; what -o json prints, `kmc produce --format json` writes back byte by byte.',
  examples: [
    ['kmc consume orders --cluster seoul', 'all records, then wait for more'],
    ['kmc consume orders --cluster seoul --from -5 --exit', 'the last five of each partition'],
    [
      'kmc consume orders --cluster seoul --from 15m -n 100',
      'a hundred records of the last quarter of an hour',
    ],
    ['kmc consume orders --cluster seoul --group billing', 'as a member of a group'],
    ['kmc consume orders --cluster seoul -e -o json | jq .value', 'JSON lines for other programs'],
  ],
  configure: (command) =>
    withCluster(command)
      .argument('<topic>', 'the topic to read')
      .option('--from <start>', 'beginning, end, an offset, -N (last N), a time, an age like 15m, or @ms')
      .option('-g, --group <name>', 'read in this consumer group, from where it stands')
      .option('-p, --partition <number>', 'only this partition; may be repeated', collectPartition, [])
      .option('-n, --count <number>', 'stop after so many records', (text) =>
        parseCount(text, '-n', { min: 1 }),
      )
      .option('-e, --exit', 'stop at what is the end when the command starts')
      .option('-k, --key <key>', 'only records with this key')
      .addOption(
        new Option('--format <format>', 'how a record is printed').choices(recordFormats).default('line'),
      )
      .addOption(new Option('--encoding <name>', 'of keys and values').choices(encodings).default('utf8'))
      .addOption(
        new Option('--isolation <level>', 'whether records of open and aborted transactions are shown')
          .choices(['read_committed', 'read_uncommitted'])
          .default('read_committed'),
      ),
  stopMs: 10_000,
  run: async (context, options, [topic]) => await runConsume(context, options, topic!),
}

function collectPartition(text: string, before: readonly number[]): readonly number[] {
  return [...before, parseCount(text, '--partition', { min: 0, max: 2 ** 31 - 1 })]
}

async function runConsume(
  context: CommandContext,
  options: ConsumeOptions,
  topic: string,
): Promise<ExitCode> {
  if (options.group !== undefined && options.partition.length > 0) {
    throw usageError('--partition and --group exclude each other', 'In a group Kafka assigns the partitions.')
  }
  await using cluster = await connectOne(context, options.cluster)
  const metadata = await findTopic(cluster, topic, context.signal)
  const printer = new Printer(context, options)
  if (options.group !== undefined) {
    const { consumeInGroup } = await import('../records/consume-in-group.ts')
    const group = { topic, group: options.group, fallback: fallbackOf(options.from), ...pickReading(options) }
    await consumeInGroup(cluster, group, context.signal, async (record) => await printer.print([record]))
  } else {
    const partitions = pickPartitions(metadata, options.partition)
    const start = parseStart(options.from ?? 'beginning', Date.now())
    const { isolation, exit } = options
    const ranges = await rangesFrom(cluster, topic, partitions, { start, isolation, signal: context.signal })
    const plan = { topic, ranges, isolation, untilEnd: exit === true, signal: context.signal }
    for await (const { records } of readTopic(cluster, plan)) {
      if (!(await printer.print(records))) break
    }
  }
  if (context.out.isInteractive) context.out.note(`${printer.printed} records of ${topic} on ${cluster.name}`)
  return Exit.ok
}

function pickReading({ isolation, exit }: ConsumeOptions) {
  return { isolation, untilEnd: exit === true }
}

/** Where a group begins that has no position yet. */
function fallbackOf(from: string | undefined): 'beginning' | 'end' {
  if (from === undefined || from === 'beginning') return 'beginning'
  if (from === 'end') return 'end'
  throw usageError(
    `--from ${from} does not go with --group`,
    'A group goes on where it stands; a new one may begin --from beginning or end.',
  )
}

/** Filters, counts and prints; waits where the reader of stdout is slower than the cluster. */
class Printer {
  printed = 0
  readonly #context: CommandContext
  readonly #format: RecordFormat
  readonly #encoding: Encoding
  readonly #key: Buffer | null
  readonly #countMax: number

  constructor(context: CommandContext, options: ConsumeOptions) {
    this.#context = context
    this.#format = context.out.format === 'table' ? options.format : 'json'
    this.#encoding = options.encoding
    this.#key = options.key === undefined ? null : fromText(options.key, options.encoding, '--key')
    this.#countMax = options.count ?? Number.POSITIVE_INFINITY
  }

  /** False when nothing more is wanted. */
  async print(records: readonly ConsumedRecord[]): Promise<boolean> {
    const chunks: (Buffer | string)[] = []
    for (const record of records) {
      if (this.printed >= this.#countMax) break
      if (this.#key !== null && !record.key?.equals(this.#key)) continue
      chunks.push(printRecord(record, this.#format, this.#encoding))
      this.printed += 1
    }
    const { stdout } = this.#context.out
    const bytes = Buffer.concat(
      chunks.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk)),
    )
    if (bytes.length > 0 && !stdout.write(bytes)) await this.#drained(stdout)
    return this.printed < this.#countMax && !this.#context.signal.aborted
  }

  async #drained(stdout: NodeJS.EventEmitter): Promise<void> {
    try {
      await once(stdout, 'drain', { signal: this.#context.signal })
    } catch (error) {
      if (!this.#context.signal.aborted) throw error
    }
  }
}
