import { javaTool } from '../../src/engine/kafka/java-tool.ts'
import { toolClass } from '../../src/engine/kafka/tool-names.ts'
import { KAFKA_VERSION } from '../link/arena.ts'

/** Kafka's own performance tools, as they come: real clients, with their groups, batches and acknowledgements. */

const RECORD_BYTES = 1_024
const MIB = 1024 * 1024
const TIMEOUT_MS = 180_000
const HEAP_MIB = 512

export type JavaSpeed = { readonly seconds: number; readonly bytes: number }

/** Produces records of 1 KiB with acks=all as fast as the tool can. */
export async function javaProduce(bootstrap: string, topic: string, records: number): Promise<JavaSpeed> {
  const output = await run('producer-perf-test', [
    ...['--bootstrap-server', bootstrap, '--topic', topic, '--num-records', String(records)],
    ...['--record-size', String(RECORD_BYTES), '--throughput', '-1', '--command-property', 'acks=all'],
  ])
  const perSecond = /records sent, ([\d.]+) records\/sec/.exec(output.trim().split('\n').at(-1) ?? '')?.[1]
  if (perSecond === undefined) throw new Error(`the producer's tool said: ${output}`)
  return { seconds: records / Number(perSecond), bytes: records * RECORD_BYTES }
}

/** Reads so many records in a group; the time of joining it is not counted. */
export async function javaConsume(bootstrap: string, topic: string, records: number): Promise<JavaSpeed> {
  const output = await run('consumer-perf-test', [
    ...['--bootstrap-server', bootstrap, '--topic', topic, '--num-records', String(records)],
  ])
  // start, end, MB, MB/s, records, records/s, rebalance ms, fetch ms, fetch MB/s, fetch records/s
  const fields = output.trim().split('\n').at(-1)!.split(',').map(Number)
  const [megabytes, fetchMs] = [fields[2], fields[7]]
  if (megabytes === undefined || fetchMs === undefined || Number.isNaN(fetchMs))
    throw new Error(`the consumer's tool said: ${output}`)
  return { seconds: fetchMs / 1_000, bytes: megabytes * MIB }
}

async function run(tool: 'producer-perf-test' | 'consumer-perf-test', args: readonly string[]) {
  const options = { heapMiB: HEAP_MIB, timeoutMs: TIMEOUT_MS }
  const result = await javaTool(KAFKA_VERSION, toolClass(tool, KAFKA_VERSION), args, options)
  if (result.code === 0) return result.stdout
  throw new Error(`${tool} ended with exit code ${result.code}: ${result.stderr.trim().slice(-500)}`)
}
