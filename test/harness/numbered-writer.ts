import { setTimeout as sleep } from 'node:timers/promises'
import { Cluster } from '../../src/client/cluster.ts'
import { fetchRaw } from '../../src/client/fetch.ts'
import { listOffsets } from '../../src/client/list-offsets.ts'
import { unwrap } from '../../src/client/outcome.ts'
import { produceRaw } from '../../src/client/produce.ts'
import { initProducerId } from '../../src/client/producer-id.ts'
import { buildBatch } from '../../src/wire/batch/build.ts'
import { iterateBatches } from '../../src/wire/batch/header.ts'
import { readRecords } from '../../src/wire/batch/records.ts'
import { ErrorCode } from '../../src/wire/error-codes.ts'
import { PATIENCE_MS, waitUntil } from './wait.ts'

export type NumberedWriterOptions = {
  readonly bootstrap: string
  readonly topic: string
  readonly everyMs: number
}

/** An idempotent producer that writes 0, 1, 2 … to partition 0, one at a time, each until it is acknowledged. */
export class NumberedWriter {
  readonly #cluster: Cluster
  readonly #options: NumberedWriterOptions
  readonly #stop = new AbortController()
  #next = 0
  #running: Promise<void> = Promise.resolve()

  private constructor(cluster: Cluster, options: NumberedWriterOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  static async start(options: NumberedWriterOptions): Promise<NumberedWriter> {
    const cluster = await Cluster.connect({ name: 'route', bootstrap: [options.bootstrap] })
    const writer = new NumberedWriter(cluster, options)
    writer.#running = writer.#run()
    return writer
  }

  /** The numbers that were acknowledged so far. */
  acknowledged(): number[] {
    return Array.from({ length: this.#next }, (_, id) => id)
  }

  /** Waits until more is acknowledged. */
  async goesOn(): Promise<void> {
    const before = this.#next
    await waitUntil('the writer goes on', () => this.#next > before + 2, { withinMs: PATIENCE_MS })
  }

  async stop(): Promise<void> {
    this.#stop.abort()
    await this.#running
    await this.#cluster.close()
  }

  async #run(): Promise<void> {
    const { topic, everyMs } = this.#options
    let identity = await initProducerId(this.#cluster)
    let first = this.#next
    while (!this.#stop.signal.aborted) {
      const records = [{ timestamp: Date.now(), key: null, value: Buffer.from(String(this.#next)) }]
      const batch = buildBatch({ records, ...identity, baseSequence: this.#next - first })
      const node = await this.#cluster.leaderOf(topic, 0)
      const item = { topic, topicId: '', partition: 0, batch }
      const answers = await produceRaw(this.#cluster, node, 'data', [item]).catch(() => null)
      const code = answers?.[0]?.errorCode
      if (code === ErrorCode.NONE) this.#next++
      else if (code === ErrorCode.UNKNOWN_PRODUCER_ID) {
        // A cluster to which the route came back knows older records of it: a client begins anew then.
        identity = await initProducerId(this.#cluster)
        first = this.#next
      } else await this.#cluster.refresh([topic]).catch(() => undefined)
      await sleep(everyMs)
    }
  }
}

/** What a numbered writer's partition holds, in its order. */
export async function idsIn(cluster: Cluster, topic: string): Promise<number[]> {
  await cluster.refresh([topic])
  const at = { topic, partition: 0 }
  const end = unwrap((await listOffsets(cluster, [{ ...at, at: 'end' }]))[0]!).offset
  const ids: number[] = []
  for (let offset = 0; offset < end; ) {
    const item = { ...at, topicId: '', fetchOffset: offset, partitionMaxBytes: 1_048_576 }
    const options = { maxWaitMs: 500, maxBytes: 1_048_576, isolation: 'read_committed' } as const
    const [answer] = await fetchRaw(cluster, await cluster.leaderOf(topic, 0), 'data', [item], options)
    for (const { header, bytes } of iterateBatches(answer!.records ?? Buffer.alloc(0))) {
      offset = header.baseOffset + header.lastOffsetDelta + 1
      if ((header.attributes & 0x20) !== 0) continue
      for (const { value } of readRecords(bytes)) ids.push(Number(value!.toString()))
    }
  }
  return ids
}
