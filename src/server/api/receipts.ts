import { z } from 'zod'
import { messageOf } from '../../base/error.ts'
import { receiptMarkdown } from '../../failover/receipt/markdown.ts'
import { type ReceiptRow, receiptNamed, rowOf } from '../../failover/receipt/row.ts'
import { mergedReceipts, type Receipt, readReceipts } from '../../failover/receipt/store.ts'
import { type Caller, may } from '../door/caller.ts'
import type { House } from '../house.ts'
import { Reply, type Route, route } from '../http/route.ts'

/** What was decided about records, by whom, and what it cost: as the clusters keep it. */
export const receiptRoutes: readonly Route[] = [
  route({
    ...{ method: 'GET', path: '/api/receipts', tag: 'receipts', action: null },
    summary: 'Receipts of failovers, promotions and repairs, newest first',
    need: { role: 'viewer', on: 'somewhere' },
    answer: z.object({
      receipts: z.array(z.custom<ReceiptRow>()),
      missing: z.array(z.object({ cluster: z.string(), why: z.string() })),
    }),
    async handle({ house, caller, signal }) {
      const { receipts, missing } = await allReceipts(house, caller, signal)
      return { receipts: receipts.map(rowOf), missing }
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/receipts/{receipt}', tag: 'receipts', action: null },
    summary: 'A receipt with everything in it, by its id or how that begins',
    need: { role: 'viewer', on: 'somewhere' },
    query: z.object({ as: z.enum(['json', 'markdown']).default('json') }),
    answer: z.custom<Receipt>(),
    async handle({ house, caller, params, query, signal }) {
      const { receipts } = await allReceipts(house, caller, signal)
      const found = receiptNamed(receipts, params.receipt)
      if (query.as === 'json') return found
      return new Reply(200, receiptMarkdown(found), { 'content-type': 'text/markdown; charset=utf-8' })
    },
  }),
]

/** Those that the caller may see; a cluster that does not answer keeps its own to itself. */
async function allReceipts({ doors, status }: House, caller: Caller, signal: AbortSignal) {
  const missing: { cluster: string; why: string }[] = []
  const lists = await Promise.all(
    status().clusters.map(async ({ name: cluster }) => {
      try {
        return await doors.to(cluster).use(readReceipts, { signal })
      } catch (error) {
        missing.push({ cluster, why: messageOf(error) })
        return []
      }
    }),
  )
  return { receipts: mergedReceipts(lists).filter((one) => maySee(one, caller)), missing }
}

function maySee(one: Receipt, caller: Caller): boolean {
  const resource =
    one.of === 'route'
      ? ({ kind: 'route', name: one.receipt.route } as const)
      : ({ kind: 'link', name: one.receipt.link } as const)
  return may(caller, 'viewer', { resource })
}
