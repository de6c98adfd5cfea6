import { type ReactNode, useDeferredValue, useState } from 'react'
import { type ListQuery, useRows } from '../api/looks.ts'
import { Failure, Panel } from '../parts/basics.tsx'
import { counted } from '../parts/format.ts'
import { type Column, Table } from '../parts/table.tsx'

type ListProps<Row> = {
  readonly at: '/api/topics' | '/api/groups'
  /** What one row is, in the singular. */
  readonly what: string
  /** null: of all clusters. */
  readonly cluster: string | null
  readonly columns: readonly Column<Row>[]
  readonly keyOf: (row: Row) => string
  readonly first: Pick<ListQuery, 'sort' | 'descending'>
  readonly more?: Readonly<Record<string, string>>
  readonly tools?: ReactNode
}

/** A list that the server finds, orders and cuts into pages, so that ten thousand rows cost as much as a hundred. */
export function ListPage<Row>({ at, what, cluster, columns, keyOf, first, more, tools }: ListProps<Row>) {
  const [text, setText] = useState('')
  const [order, setOrder] = useState(first)
  const search = useDeferredValue(text.trim())
  const query: ListQuery = { cluster, search, ...order, ...(more === undefined ? {} : { more }) }
  const { data, error, hasNextPage, fetchNextPage, isFetching } = useRows<Row>(at, query)
  if (error !== null && data === undefined) return <Failure error={error} />
  const find = (
    <input
      className="field"
      type="search"
      placeholder={`Find ${what}s`}
      aria-label={`Find ${what}s`}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  )
  const aside = (
    <div className="tools">
      {tools} {find}
    </div>
  )
  return (
    <Panel flush title={data === undefined ? 'Asking …' : counted(data.pages[0]!.total, what)} aside={aside}>
      <Table
        label={`${what}s`}
        rows={data?.pages.flatMap(({ rows }) => rows) ?? []}
        columns={columns}
        keyOf={keyOf}
        empty={data === undefined ? 'Asking …' : `No ${what} was seen that is as you say`}
        server={{ ...order, onSort: (sort, descending) => setOrder({ sort, descending }) }}
      />
      {hasNextPage && (
        <div className="empty">
          <button type="button" className="button" disabled={isFetching} onClick={() => void fetchNextPage()}>
            Show more
          </button>
        </div>
      )}
    </Panel>
  )
}
