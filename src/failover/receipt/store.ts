import type { Cluster } from '../../client/cluster.ts'
import { type ReceiptRecord, receiptRecord } from '../../link/state/intents.ts'
import { StateLog } from '../../link/state/log.ts'
import { readLog } from '../../link/state/open.ts'
import { ensureStateTopic } from '../../link/state/topic.ts'
import { decodeValue, encodeValue, keyParts } from '../../link/state/value.ts'
import { boundedReceipt, type FailoverReceipt, failoverReceipt } from './receipt.ts'

/** A failover of a route (`failover-receipt/ROUTE/ID`), or a decision about one mirror (`receipt/LINK/TOPIC/ID`). */
export type Receipt =
  | { readonly of: 'route'; readonly receipt: FailoverReceipt }
  | { readonly of: 'mirror'; readonly receipt: ReceiptRecord }

/** Every receipt in `__kmc_state` of one cluster, by id. Deleted by hand they stay for who has read them. */
class ReceiptLog extends StateLog<Receipt> {
  readonly all: Map<string, Receipt>

  constructor(cluster: Cluster) {
    const all = new Map<string, Receipt>()
    super(cluster, { encode, decode, apply: (one) => void all.set(keyOf(one), one) })
    this.all = all
  }
}

function keyOf(one: Receipt): string {
  if (one.of === 'route') return `failover-receipt/${one.receipt.route}/${one.receipt.id}`
  return `receipt/${one.receipt.link}/${one.receipt.topic}/${one.receipt.id}`
}

function encode(one: Receipt): { key: Buffer; value: Buffer | null } {
  return { key: Buffer.from(keyOf(one)), value: encodeValue(one.receipt) }
}

function decode(key: Buffer | null, value: Buffer | null, offset: number): Receipt | null {
  const [kind] = keyParts(key)
  if (kind === 'failover-receipt') {
    const receipt = decodeValue(failoverReceipt, value, offset)
    return receipt === null ? null : { of: 'route', receipt }
  }
  const receipt = kind === 'receipt' ? decodeValue(receiptRecord, value, offset) : null
  return receipt === null ? null : { of: 'mirror', receipt }
}

/** Keeps the receipt of a failover on those clusters of the route that can be reached. May be repeated. */
export async function saveReceipt(receipt: FailoverReceipt, clusters: readonly Cluster[]): Promise<void> {
  const one = { of: 'route', receipt: boundedReceipt(receipt) } as const
  await Promise.all(
    clusters.map(async (cluster) => {
      await ensureStateTopic(cluster)
      await new ReceiptLog(cluster).append(one)
    }),
  )
}

/** Every receipt that a cluster keeps; none where kmc has never written. Writes nothing. */
export async function readReceipts(cluster: Cluster): Promise<Receipt[]> {
  return [...((await readLog(cluster, { as: ReceiptLog }))?.all.values() ?? [])]
}

/** Those of several clusters together, newest first: a failover's is kept on both. */
export function mergedReceipts(lists: readonly (readonly Receipt[])[]): Receipt[] {
  const byKey = new Map(lists.flat().map((one) => [keyOf(one), one]))
  return [...byKey.values()].sort((a, b) => endedAt(b) - endedAt(a))
}

/** When what it tells was over. */
export function endedAt(one: Receipt): number {
  return one.of === 'route' ? one.receipt.endedAt : one.receipt.doneAt
}
