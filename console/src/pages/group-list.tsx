import { useDeferredValue, useState } from 'react'
import { Link } from 'wouter'
import { type GroupItem, useKafka, useKafkaPages, v3 } from '../api/kafka.ts'
import { Badge, Failure, Known, Panel, Unknown } from '../parts/basics.tsx'
import { shortCount } from '../parts/format.ts'
import { type Column, Table } from '../parts/table.tsx'
import type { Tone } from '../parts/tone.ts'
import { paths } from '../shell/paths.ts'

const tones: Readonly<Record<string, Tone>> = {
  ...{ STABLE: 'good', EMPTY: 'idle', DEAD: 'bad', NOT_READY: 'warn' },
  ...{ PREPARING_REBALANCE: 'busy', COMPLETING_REBALANCE: 'busy', ASSIGNING: 'busy', RECONCILING: 'busy' },
}

export function GroupState({ state }: { readonly state: string }) {
  return <Badge state={state.toLowerCase().replaceAll('_', ' ')} tone={tones[state] ?? 'idle'} />
}

/** The groups of one cluster. */
export function GroupList({ cluster }: { readonly cluster: string }) {
  const [text, setText] = useState('')
  const search = useDeferredValue(text.trim())
  const { data, error, hasNextPage, fetchNextPage, isFetching } = useKafkaPages<GroupItem>(
    v3.groups(cluster),
    search,
  )
  if (error !== null && data === undefined) return <Failure error={error} />
  const rows = data?.pages.flatMap((page) => page.data) ?? []
  return (
    <Panel
      flush
      title={
        <>
          <Link href={paths.cluster(cluster)}>{cluster}</Link>: {rows.length}
          {hasNextPage ? ' and more' : ''} groups
        </>
      }
      aside={
        <input
          className="field"
          type="search"
          placeholder="Find groups"
          aria-label={`Find groups of ${cluster}`}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      }
    >
      <Table
        label={`Groups of ${cluster}`}
        rows={rows}
        columns={columnsOf(cluster)}
        keyOf={(row) => row.consumer_group_id}
        empty={isFetching ? 'Asking …' : 'No group has such a name'}
      />
      {hasNextPage && (
        <div className="empty">
          <button type="button" className="button" onClick={() => void fetchNextPage()}>
            Show more
          </button>
        </div>
      )}
    </Panel>
  )
}

function columnsOf(cluster: string): readonly Column<GroupItem>[] {
  return [
    {
      ...{ title: 'Group', isName: true, by: (row) => row.consumer_group_id },
      cell: (row) => <Link href={paths.group(cluster, row.consumer_group_id)}>{row.consumer_group_id}</Link>,
    },
    { title: 'State', by: ({ state }) => state, cell: ({ state }) => <GroupState state={state} /> },
    { title: 'Kind', by: ({ type }) => type ?? null, cell: ({ type }) => type?.toLowerCase() ?? '' },
    {
      title: 'Records behind',
      isNumber: true,
      cell: (row) => <TotalLag cluster={cluster} group={row.consumer_group_id} />,
    },
  ]
}

type Summary = { readonly total_lag: number | null }

function TotalLag({ cluster, group }: { readonly cluster: string; readonly group: string }) {
  const { data, error } = useKafka<Summary>(`${v3.group(cluster, group)}/lag-summary`)
  if (data === undefined) return <Unknown why={error?.message ?? 'asking …'} />
  return <Known value={data.total_lag} why="a partition that it reads has no leader" as={shortCount} />
}
