import type { Cluster } from '../../client/cluster.ts'
import { unwrap } from '../../client/outcome.ts'
import { rangesFrom } from '../../client/records/ranges.ts'
import { readTopic } from '../../client/records/read-topic.ts'
import { makeTopic } from '../../link/ports/topics.ts'
import { writeRecords } from '../records/write.ts'
import { type AuditRecord, auditRecord } from './record.ts'

const AUDIT_TOPIC = '__kmc_audit'
const PARTITION = 0
/** 400 days: what happened a year ago can still be looked up. */
const RETENTION_MS = 400 * 24 * 3_600_000
const RECORDS_KEPT = 20_000
const BYTES_KEPT = 16 * 1024 * 1024

type Kept = { readonly record: AuditRecord; readonly bytes: number }

/** `__kmc_audit` of one cluster: written to, and its newest records in memory. The cluster is the caller's. */
export class AuditLog {
  #kept: Kept[] = []
  #keptBytes = 0
  /** Where reading goes on; null: nothing was read yet. */
  #position: number | null = null
  /** Readers follow one another, so that nothing is read twice. */
  #reading: Promise<void> = Promise.resolve()

  get records(): readonly AuditRecord[] {
    return this.#kept.map(({ record }) => record)
  }

  /** Writes a record; resolves when all in-sync replicas have it. @throws KAFKA_ERROR and what hinders the way there */
  async append(cluster: Cluster, record: AuditRecord, signal: AbortSignal): Promise<void> {
    await ensureTopic(cluster, signal)
    const value = Buffer.from(JSON.stringify(record))
    const wanted = { record: { timestamp: record.at, key: null, value }, partition: PARTITION }
    const [written] = await writeRecords(cluster, AUDIT_TOPIC, [wanted], { signal })
    unwrap(written!)
  }

  /** Reads what has come since the last time; at first the newest records. A cluster without the topic has none. */
  refresh(cluster: Cluster, signal: AbortSignal): Promise<void> {
    const read = this.#reading.then(() => this.#read(cluster, signal))
    this.#reading = read.catch(() => {})
    return read
  }

  async #read(cluster: Cluster, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    await cluster.refresh([AUDIT_TOPIC], { signal })
    if (cluster.metadata.topic(AUDIT_TOPIC) === undefined) return
    const newest = { at: 'last', count: RECORDS_KEPT } as const
    const reading = { isolation: 'read_committed', signal } as const
    const [range] = await rangesFrom(cluster, AUDIT_TOPIC, [PARTITION], { start: newest, ...reading })
    // A topic that was made again ends lower, and what its records pushed out of the log is gone.
    const from = this.#position === null || this.#position > range!.end ? range!.start : this.#position
    const ranges = [{ ...range!, position: Math.max(from, range!.position) }]
    for await (const { records, next } of readTopic(cluster, {
      ...{ topic: AUDIT_TOPIC, ranges, untilEnd: true, ...reading },
    })) {
      for (const { value } of records) this.#keep(value)
      this.#position = next
    }
  }

  /** What is none of ours in the topic is passed over: it must not hide the rest. */
  #keep(value: Buffer | null): void {
    const record = recordIn(value)
    if (record === null) return
    this.#kept.push({ record, bytes: value!.length })
    this.#keptBytes += value!.length
    while (this.#kept.length > RECORDS_KEPT || this.#keptBytes > BYTES_KEPT) {
      this.#keptBytes -= this.#kept.shift()!.bytes
    }
  }
}

function recordIn(value: Buffer | null): AuditRecord | null {
  try {
    return auditRecord.safeParse(JSON.parse(value?.toString() ?? '')).data ?? null
  } catch {
    return null
  }
}

async function ensureTopic(cluster: Cluster, signal: AbortSignal): Promise<void> {
  if (cluster.metadata.topic(AUDIT_TOPIC) !== undefined) return
  await cluster.refresh([AUDIT_TOPIC], { signal })
  if (cluster.metadata.topic(AUDIT_TOPIC) !== undefined) return
  const replicationFactor = Math.min(3, cluster.metadata.brokers.length)
  const configs = { 'cleanup.policy': 'delete', 'retention.ms': String(RETENTION_MS) }
  await makeTopic(cluster, { name: AUDIT_TOPIC, partitions: 1, replicationFactor, configs })
}
