import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { CapturedBroker } from './broker.ts'
import type { Collector } from './collector.ts'
import { run } from './run.ts'

/** Partitions whose logs are kept; of the metadata log only the batches, for their control records. */
const PARTITIONS = ['codecs-0', 'txn-0', 'append-time-0', '__cluster_metadata-0']
const LOG_BYTES_MAX = 64 * 1024
/** The metadata log repeats itself; its beginning says enough. */
const METADATA_BYTES_MAX = 4096
const METADATA_LINES_MAX = 20

/** Writes the exchanges, and the logs with what Kafka's own tool reads in them. */
export async function save(
  folder: string,
  version: string,
  broker: CapturedBroker,
  collector: Collector,
): Promise<void> {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'logs'), { recursive: true })
  const lines = collector.lines().map((line) => `${JSON.stringify(line)}\n`)
  writeFileSync(join(folder, 'exchanges.jsonl'), lines.join(''))
  for (const partition of PARTITIONS) {
    const segments = segmentsOf(join(broker.logDirectory, partition))
    const whole = Buffer.concat(segments.map((segment) => readFileSync(segment)))
    const bytes = partition.startsWith('__') ? whole.subarray(0, METADATA_BYTES_MAX) : whole
    if (bytes.length > LOG_BYTES_MAX) throw new Error(`the log of ${partition} has ${bytes.length} bytes`)
    writeFileSync(join(folder, 'logs', `${partition}.bin`), bytes)
    writeFileSync(join(folder, 'logs', `${partition}.txt`), await dump(version, broker.classPath, segments))
  }
  console.log(`${version}: ${lines.length} exchanges`)
}

function segmentsOf(folder: string): string[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'))
  return names.sort().map((name) => join(folder, name))
}

/** What DumpLogSegments says of the segments, without the lines about the files themselves. */
async function dump(version: string, classPath: string, segments: readonly string[]): Promise<string> {
  const room = version.startsWith('3.') ? 'kafka.tools' : 'org.apache.kafka.tools'
  const isMetadata = segments.some((segment) => segment.includes('__cluster_metadata'))
  const words = ['-Xmx256m', '-cp', classPath, `${room}.DumpLogSegments`, '--files', segments.join(',')]
  const output = await run('java', isMetadata ? words : [...words, '--print-data-log'])
  const lines = output.split('\n').filter((line) => /^(baseOffset|\|)/.test(line))
  if (isMetadata) lines.splice(METADATA_LINES_MAX)
  return lines.map((line) => `${line}\n`).join('')
}
