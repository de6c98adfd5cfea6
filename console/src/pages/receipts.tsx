import { useQuery } from '@tanstack/react-query'
import { Link } from 'wouter'
import type { ReceiptRow } from '../../../src/failover/receipt/row.ts'
import { ask, askText, path } from '../api/http.ts'
import { Badge, Empty, Failure, Panel, When } from '../parts/basics.tsx'
import { counted } from '../parts/format.ts'
import { type Column, Table } from '../parts/table.tsx'
import { visible } from '../records/text.ts'
import { paths } from '../shell/paths.ts'

const POLL_MS = 10_000

type Receipts = {
  readonly receipts: readonly ReceiptRow[]
  readonly missing: readonly { readonly cluster: string; readonly why: string }[]
}

const columns: readonly Column<ReceiptRow>[] = [
  {
    ...{ title: 'Of', isName: true, by: ({ of }) => of },
    cell: ({ id, of }) => <Link href={paths.receipt(id)}>{visible(of)}</Link>,
  },
  { title: 'What', by: ({ what }) => what, cell: ({ what }) => what },
  { title: 'When', by: ({ at }) => at, cell: ({ at }) => <When at={at} /> },
  { title: 'By', by: ({ by }) => by, cell: ({ by }) => visible(by) },
  {
    ...{ title: 'Outcome', by: ({ outcome }) => outcome },
    cell: ({ outcome }) => <Badge state={outcome} tone={outcome === 'done' ? 'good' : 'warn'} />,
  },
  { title: 'Cost', cell: ({ text }) => <span className="small">{visible(text)}</span> },
]

/** What was decided about records, by whom, and what it cost, as the clusters keep it. */
export function ReceiptsPage() {
  const { data, error } = useQuery({
    queryKey: ['receipts'],
    queryFn: ({ signal }) => ask<Receipts>('/api/receipts', { signal }),
    refetchInterval: POLL_MS,
  })
  if (data === undefined) return error === null ? <Empty title="Asking …" /> : <Failure error={error} />
  return (
    <>
      <h1>Receipts</h1>
      {data.missing.map(({ cluster, why }) => (
        <p key={cluster} className="soft">
          What {cluster} keeps is not here: {visible(why)}
        </p>
      ))}
      <Panel flush title={counted(data.receipts.length, 'receipt')}>
        <Table
          label="Receipts"
          rows={data.receipts}
          columns={columns}
          keyOf={({ id }) => id}
          empty="Nothing was failed over, promoted or repaired yet"
        />
      </Panel>
    </>
  )
}

/** One receipt, as the page for others that `kmc receipts --markdown` prints. */
export function ReceiptPage({ id }: { readonly id: string }) {
  const { data, error } = useQuery({
    queryKey: ['receipt', id],
    queryFn: ({ signal }) => askText(`${path`/api/receipts/${id}`}?as=markdown`, { signal }),
  })
  if (data === undefined) return error === null ? <Empty title="Asking …" /> : <Failure error={error} />
  return (
    <>
      <h1>Receipt</h1>
      <Panel title={<code>{id}</code>} aside={<Link href={paths.receipts}>All receipts</Link>}>
        <pre className="receipt">{visible(data)}</pre>
      </Panel>
    </>
  )
}
