import type { Cluster } from '../../client/cluster.ts'
import { rangesFrom } from '../../client/records/ranges.ts'
import { readTopic } from '../../client/records/read-topic.ts'
import type { Audit, AuditedTopic, Ledger } from './ledger.ts'
import { idOf } from './shop-records.ts'

const auditedTopics: readonly AuditedTopic[] = ['orders', 'payments']

/** What virginia holds of each topic, beside what the shop was promised; `orders` are the ids of those found. */
export type Audits = { readonly of: Record<AuditedTopic, Audit>; readonly orders: readonly string[] }

/** Reads the topics as a consumer would (read_committed) and compares what stands there with the shop's own account. */
export async function auditTopics(
  cluster: Cluster,
  ledger: Ledger,
  options: { readonly signal: AbortSignal },
): Promise<Audits> {
  const [orders, payments] = await Promise.all(auditedTopics.map((topic) => idsIn(cluster, topic, options)))
  const of = { orders: ledger.audit('orders', orders!), payments: ledger.audit('payments', payments!) }
  return { of, orders: orders! }
}

async function idsIn(
  cluster: Cluster,
  topic: AuditedTopic,
  { signal }: { readonly signal: AbortSignal },
): Promise<string[]> {
  await cluster.refresh([topic], { signal })
  const partitions = (cluster.metadata.topic(topic)?.partitions ?? []).map(({ partition }) => partition)
  const isolation = 'read_committed'
  const ranges = await rangesFrom(cluster, topic, partitions, {
    start: { at: 'beginning' },
    isolation,
    signal,
  })
  const ids: string[] = []
  for await (const { records } of readTopic(cluster, { topic, ranges, isolation, untilEnd: true, signal })) {
    for (const { headers } of records) ids.push(idOf(headers))
  }
  return ids
}
