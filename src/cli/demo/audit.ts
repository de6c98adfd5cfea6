import type { Cluster } from '../../client/cluster.ts'
import { readTopic } from '../records/read-topic.ts'
import { rangesFrom } from '../records/start.ts'
import type { Audit, AuditedTopic, Ledger } from './ledger.ts'

export const auditedTopics: readonly AuditedTopic[] = ['orders', 'payments']

/** Where the audit begins: the end of each partition when the run began, so that earlier runs are not read again. */
export type Since = ReadonlyMap<string, readonly number[]>

/**
 * Reads the mirrors as a consumer would (read_committed) and compares what stands there with what the shop was
 * promised. Records of earlier runs bear another run's name and do not count.
 */
export async function auditMirrors(
  destination: Cluster,
  ledger: Ledger,
  scope: { readonly run: string; readonly since: Since; readonly signal: AbortSignal },
): Promise<Record<AuditedTopic, Audit>> {
  const audits = await Promise.all(
    auditedTopics.map(
      async (topic) => [topic, ledger.audit(topic, await idsIn(destination, topic, scope))] as const,
    ),
  )
  return Object.fromEntries(audits) as Record<AuditedTopic, Audit>
}

async function idsIn(
  cluster: Cluster,
  topic: AuditedTopic,
  { run, since, signal }: { readonly run: string; readonly since: Since; readonly signal: AbortSignal },
): Promise<string[]> {
  await cluster.refresh([topic], { signal })
  const partitions = (cluster.metadata.topic(topic)?.partitions ?? []).map(({ partition }) => partition)
  const isolation = 'read_committed'
  const all = await rangesFrom(cluster, topic, partitions, { start: { at: 'beginning' }, isolation, signal })
  const ranges = all.map((range) => ({
    ...range,
    position: Math.min(range.end, Math.max(range.position, since.get(topic)?.[range.partition] ?? 0)),
  }))
  const ids: string[] = []
  for await (const { records } of readTopic(cluster, { topic, ranges, isolation, untilEnd: true, signal })) {
    for (const { headers } of records) {
      const id = headers.find(({ key }) => String(key) === 'trace-id')?.value?.toString() ?? ''
      if (id.startsWith(`${run}-`)) ids.push(id)
    }
  }
  return ids
}
