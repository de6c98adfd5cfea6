import { failoverError } from '../errors.ts'
import { amountWords } from './markdown.ts'
import { endedAt, type Receipt } from './store.ts'

/** The one receipt whose id begins so. @throws RECEIPT_UNKNOWN */
export function receiptNamed(all: readonly Receipt[], id: string): Receipt {
  const found = all.filter(({ receipt }) => receipt.id.startsWith(id))
  if (found.length === 1) return found[0]!
  const why = found.length === 0 ? 'no cluster that was asked keeps a receipt' : 'several receipts begin with'
  throw failoverError('RECEIPT_UNKNOWN', `${why} ${id}`, {
    context: { found: found.map(({ receipt }) => receipt.id) },
  })
}

/** One line of a list of receipts. */
export type ReceiptRow = {
  readonly id: string
  readonly at: number
  /** The route or the mirror. */
  readonly of: string
  readonly what: string
  readonly by: string
  readonly outcome: string
  readonly text: string
}

export function rowOf(one: Receipt): ReceiptRow {
  const { id, by } = one.receipt
  const common = { id, at: endedAt(one), by: `${by.user}@${by.host}` }
  if (one.of === 'mirror') {
    const { mirror, verb, text } = one.receipt
    return { ...common, of: mirror, what: verb, outcome: 'done', text }
  }
  const { route, kind, from, to, outcome, lost } = one.receipt
  return { ...common, of: route, what: kind, outcome, text: `${from} to ${to}, lost: ${amountWords(lost)}` }
}
