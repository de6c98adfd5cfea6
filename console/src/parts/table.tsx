import { useVirtualizer } from '@tanstack/react-virtual'
import { type ReactNode, useMemo, useRef, useState } from 'react'
import { Empty } from './basics.tsx'

/** One column: what stands in it, and, where it can be sorted by, its value. */
export type Column<Row> = {
  readonly title: string
  readonly cell: (row: Row) => ReactNode
  readonly by?: (row: Row) => string | number | null
  /** What the server calls this order, where it is the server that orders. */
  readonly sort?: string
  readonly isNumber?: boolean
  readonly isName?: boolean
}

type TableProps<Row> = {
  readonly label: string
  readonly rows: readonly Row[]
  readonly columns: readonly Column<Row>[]
  readonly keyOf: (row: Row) => string
  readonly empty: string
  /** Given where rows come in the order of the server. */
  readonly server?: { readonly sort: string; readonly descending: boolean; readonly onSort: OnSort }
}

export type OnSort = (sort: string, descending: boolean) => void

type Order = { readonly column: number; readonly down: boolean }

/** More rows than this are drawn only where they are seen. */
const DRAWN_AT_ONCE = 150
const ROW_PX = 34

export function Table<Row>({ label, rows, columns, keyOf, empty, server }: TableProps<Row>) {
  const { sorted, order, setOrder } = useOrder(rows, columns, server)
  const box = useRef<HTMLDivElement>(null)
  const isLong = sorted.length > DRAWN_AT_ONCE
  const virtual = useVirtualizer({
    count: isLong ? sorted.length : 0,
    getScrollElement: () => box.current,
    estimateSize: () => ROW_PX,
    overscan: 12,
  })
  if (rows.length === 0) return <Empty title={empty} />
  const seen = isLong ? virtual.getVirtualItems().map(({ index }) => sorted[index]!) : sorted
  const first = virtual.getVirtualItems()[0]
  const last = virtual.getVirtualItems().at(-1)
  return (
    <section
      className="table"
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
      tabIndex={0}
      aria-label={label}
      style={isLong ? { maxHeight: '70vh' } : {}}
    >
      <table aria-rowcount={sorted.length}>
        <thead>
          <tr>
            {columns.map((column, index) => (
              <Head key={column.title} column={column} index={index} order={order} onOrder={setOrder} />
            ))}
          </tr>
        </thead>
        <tbody>
          {isLong && <Gap height={first?.start ?? 0} columns={columns.length} />}
          {seen.map((row) => (
            <tr key={keyOf(row)}>
              {columns.map((column) => (
                <td key={column.title} className={classOf(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
          {isLong && <Gap height={virtual.getTotalSize() - (last?.end ?? 0)} columns={columns.length} />}
        </tbody>
      </table>
    </section>
  )
}

/** The order of rows: the server's where it orders, else one that is kept here. */
function useOrder<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  server: TableProps<Row>['server'],
) {
  const [own, setOwn] = useState<Order | null>(null)
  const sorted = useMemo(() => inOrder(rows, columns, own), [rows, columns, own])
  if (server === undefined) return { sorted, order: own, setOrder: setOwn }
  const column = columns.findIndex(({ sort }) => sort === server.sort)
  const setOrder = (wanted: Order) => server.onSort(columns[wanted.column]!.sort!, wanted.down)
  return { sorted: rows, order: { column, down: server.descending }, setOrder }
}

function Gap({ height, columns }: { readonly height: number; readonly columns: number }) {
  return (
    <tr className="gap">
      <td colSpan={columns} style={{ height }} />
    </tr>
  )
}

type HeadProps<Row> = {
  readonly column: Column<Row>
  readonly index: number
  readonly order: Order | null
  readonly onOrder: (order: Order) => void
}

function Head<Row>({ column, index, order, onOrder }: HeadProps<Row>) {
  const isBy = order?.column === index
  if (column.by === undefined && column.sort === undefined)
    return <th className={classOf(column)}>{column.title}</th>
  const down = isBy ? !order.down : column.isNumber === true
  return (
    <th className={classOf(column)} aria-sort={isBy ? (order.down ? 'descending' : 'ascending') : 'none'}>
      <button type="button" onClick={() => onOrder({ column: index, down })}>
        {column.title} {isBy ? (order.down ? '↓' : '↑') : ''}
      </button>
    </th>
  )
}

function classOf<Row>({ isNumber, isName }: Column<Row>): string {
  return isNumber ? 'number' : isName ? 'name' : ''
}

function inOrder<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  order: Order | null,
): readonly Row[] {
  const by = order === null ? undefined : columns[order.column]?.by
  if (order === null || by === undefined) return rows
  const sign = order.down ? -1 : 1
  return [...rows].sort((a, b) => compare(by(a), by(b), sign))
}

/** What is not known stands last, whichever way it is sorted. */
function compare(a: string | number | null, b: string | number | null, sign: number): number {
  if (a === null || b === null) return Number(a === null) - Number(b === null)
  if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
  return sign * String(a).localeCompare(String(b), 'en', { numeric: true })
}
