import { writerTexts } from '../../failover/fence/direct-writers.ts'
import { fenceText } from '../../failover/fence/report.ts'
import { receiptMarkdown } from '../../failover/receipt/markdown.ts'
import type { FailoverReceipt } from '../../failover/receipt/receipt.ts'
import { type ReceiptRow, receiptNamed, rowOf } from '../../failover/receipt/row.ts'
import { mergedReceipts, type Receipt, readReceipts } from '../../failover/receipt/store.ts'
import { askEach } from '../clusters.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import type { Output } from '../output.ts'
import type { Column } from '../terminal/table.ts'
import { printable } from '../terminal/text-width.ts'
import { formatDuration, formatInstant } from '../terminal/units.ts'

type ReceiptsOptions = { readonly cluster?: string; readonly markdown?: true }

export const receipts: CommandDefinition<ReceiptsOptions> = {
  description:
    'What was decided about records, by whom and when, and what it cost: failovers of routes, and repairs, promotions and ' +
    'failovers of single mirrors. Receipts are kept on the clusters and never rewritten.',
  examples: [
    ['kmc receipts', 'all of them, newest first'],
    ['kmc receipts 3f2a91c0', 'one with everything in it; the beginning of its id is enough'],
    ['kmc receipts 3f2a91c0 --markdown > receipt.md', 'a page for others'],
    ['kmc receipts -o json', 'for programs'],
  ],
  configure: (command) =>
    command
      .argument('[id]', 'of a receipt, or how it begins')
      .option('--cluster <name>', 'only what this cluster keeps')
      .option('--markdown', 'as a Markdown page'),
  async run(context, { cluster, markdown }, [id]) {
    const { out } = context
    const answers = await askEach(context, cluster, readReceipts)
    const all = mergedReceipts(answers.map(({ answer }) => answer))
    const chosen = id === undefined ? all : [receiptNamed(all, id)]
    if (markdown === true) for (const one of chosen) out.line(receiptMarkdown(one).trimEnd())
    else if (id === undefined) await out.rows(chosen.map(rowOf), columns, 'there are no receipts yet')
    else await out.value(chosen[0]!.receipt, () => show(chosen[0]!, out))
    return Exit.ok
  },
}

const ID_SHOWN = 8

const columns: readonly Column<ReceiptRow>[] = [
  { title: 'id', value: ({ id }) => id.slice(0, ID_SHOWN) },
  { title: 'when', value: ({ at }) => formatInstant(at) },
  { title: 'of', value: ({ of }) => printable(of), shrink: true },
  { title: 'what', value: ({ what }) => what },
  { title: 'by', value: ({ by }) => printable(by), shrink: true },
  { title: 'outcome', value: ({ outcome }) => outcome },
  { title: '', value: ({ text }) => printable(text), shrink: true },
]

function show(one: Receipt, out: Output): void {
  const { id, of, what, by, outcome, text, at } = rowOf(one)
  out.fields([
    ['receipt', id],
    ['of', printable(of)],
    ['what', `${what}, ${outcome}`],
    ['by', printable(by)],
    ['when', formatInstant(at)],
    ['cost', printable(text)],
    ...(one.of === 'route' ? failoverFields(one.receipt) : []),
  ])
  const rows = one.of === 'route' ? stepRows(one.receipt, out) : []
  for (const line of rows) out.line(line)
  for (const text of one.of === 'route' ? one.receipt.left : [])
    out.line(`${out.palette.warn('→')} ${printable(text)}`)
}

function failoverFields(receipt: FailoverReceipt): [string, string][] {
  const { rtoMs, verification, plan, fence, directWriters } = receipt
  return [
    ['not served', rtoMs === null ? 'not measured' : formatDuration(rtoMs)],
    ['verification', verification === null ? 'not done' : verification.text],
    ['plan', plan ?? 'none'],
    ...(fence === null ? [] : [['fence', fenceText(fence)] as [string, string]]),
    ...(directWriters.length === 0
      ? []
      : [['direct writers', writerTexts(directWriters).join('; ')] as [string, string]]),
  ]
}

function stepRows({ steps }: FailoverReceipt, out: Output): string[] {
  if (steps.length === 0) return []
  const rows = out.table(steps, [
    { title: 'step', value: ({ name }) => name },
    {
      title: 'took',
      value: ({ startedAt, endedAt: end }) => (end === null ? 'not ended' : formatDuration(end - startedAt)),
      align: 'right',
    },
    { title: 'note', value: ({ note }) => printable(note ?? ''), shrink: true },
  ])
  return ['', ...rows]
}
