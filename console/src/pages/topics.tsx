import { useDeferredValue, useState } from 'react'
import { Link } from 'wouter'
import type { LinkOverview } from '../../../src/fleet/run/fleet-status.ts'
import { type TopicItem, useKafkaPages, v3 } from '../api/kafka.ts'
import { Failure, Panel } from '../parts/basics.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { paths } from '../shell/paths.ts'
import { placesOf } from './places.tsx'

type ListProps = { readonly cluster: string; readonly links: readonly LinkOverview[] }

export function TopicList({ cluster, links }: ListProps) {
  const [text, setText] = useState('')
  const search = useDeferredValue(text.trim())
  const [withInternal, setWithInternal] = useState(false)
  const { data, error, hasNextPage, fetchNextPage, isFetching } = useKafkaPages<TopicItem>(
    v3.topics(cluster),
    search,
  )
  if (error !== null && data === undefined) return <Failure error={error} />
  const all = data?.pages.flatMap((page) => page.data) ?? []
  const rows = withInternal
    ? all
    : all.filter(({ topic_name, is_internal }) => !is_internal && !topic_name.startsWith('__'))
  return (
    <Panel
      flush
      title={`${rows.length}${hasNextPage ? ' and more' : ''} topics`}
      aside={<Tools text={text} onText={setText} withInternal={withInternal} onInternal={setWithInternal} />}
    >
      <Table
        label="Topics"
        rows={rows}
        columns={columnsOf(cluster, links)}
        keyOf={({ topic_name }) => topic_name}
        empty={isFetching ? 'Asking …' : 'No topic has such a name'}
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

type ToolsProps = {
  readonly text: string
  readonly onText: (text: string) => void
  readonly withInternal: boolean
  readonly onInternal: (withInternal: boolean) => void
}

function Tools({ text, onText, withInternal, onInternal }: ToolsProps) {
  return (
    <div className="tools">
      <label className="small soft">
        <input
          type="checkbox"
          checked={withInternal}
          onChange={(event) => onInternal(event.target.checked)}
        />{' '}
        internal
      </label>
      <input
        className="field"
        type="search"
        placeholder="Find topics"
        aria-label="Find topics"
        value={text}
        onChange={(event) => onText(event.target.value)}
      />
    </div>
  )
}

function columnsOf(cluster: string, links: readonly LinkOverview[]): readonly Column<TopicItem>[] {
  return [
    {
      ...{ title: 'Topic', isName: true, by: (row) => row.topic_name },
      cell: (row) => <Link href={paths.topic(cluster, row.topic_name)}>{row.topic_name}</Link>,
    },
    {
      ...{ title: 'Partitions', isNumber: true, by: (row) => row.partitions_count },
      cell: (row) => row.partitions_count,
    },
    {
      ...{ title: 'Copies of each', isNumber: true, by: (row) => row.replication_factor },
      cell: (row) => row.replication_factor,
    },
    { title: 'Across clusters', cell: (row) => placesOf(links, cluster, row.topic_name) },
  ]
}
