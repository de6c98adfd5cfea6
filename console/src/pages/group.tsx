import { Link } from 'wouter'
import { type Collection, type GroupItem, type LagItem, useKafka, v3 } from '../api/kafka.ts'
import { Fact, Failure, Known, Panel, Unknown } from '../parts/basics.tsx'
import { Chart } from '../parts/chart.tsx'
import { count, shortCount } from '../parts/format.ts'
import { useRecent } from '../parts/recent.ts'
import { type Column, Table } from '../parts/table.tsx'
import { paths } from '../shell/paths.ts'
import { GroupState } from './group-list.tsx'

const LAG_POLL_MS = 3_000

/** How far a group is behind, partition by partition, and who reads. */
export function GroupPage({ cluster, group }: { readonly cluster: string; readonly group: string }) {
  const about = useKafka<GroupItem>(v3.group(cluster, group))
  const lags = useKafka<Collection<LagItem>>(`${v3.group(cluster, group)}/lags`, LAG_POLL_MS)
  const rows = lags.data?.data ?? []
  const total = lags.data === undefined ? null : totalOf(rows)
  const samples = useRecent(`group ${cluster} ${group}`, lags.dataUpdatedAt, total)
  return (
    <>
      <div className="page-head">
        <h1>{group}</h1> {about.data !== undefined && <GroupState state={about.data.state} />}
        <span className="soft">
          in <Link href={paths.cluster(cluster)}>{cluster}</Link>
        </span>
      </div>
      {lags.error !== null && lags.data === undefined && <Failure error={lags.error} />}
      <dl className="facts">
        <Fact name="Records behind">
          <Known
            value={total}
            why={lags.error?.message ?? 'a partition that it reads has no leader'}
            as={shortCount}
          />
        </Fact>
        <Fact name="Partitions">{lags.data === undefined ? <Unknown why="asking …" /> : rows.length}</Fact>
        <Fact name="Members">{lags.data === undefined ? <Unknown why="asking …" /> : membersOf(rows)}</Fact>
      </dl>
      <Panel
        flush
        title="Records behind"
        aside={<span className="soft small">since this page was opened</span>}
      >
        <Chart label="Records behind" samples={samples} as={shortCount} />
      </Panel>
      <Panel flush title="By partition">
        <Table
          label="Positions"
          rows={rows}
          columns={columnsOf(cluster)}
          keyOf={({ topic_name, partition_id }) => `${topic_name} ${partition_id}`}
          empty={lags.data === undefined ? 'Asking …' : 'The group has no positions'}
        />
      </Panel>
    </>
  )
}

/** Null where a part of it is not known. */
function totalOf(rows: readonly LagItem[]): number | null {
  return rows.reduce<number | null>((sum, { lag }) => (sum === null || lag === null ? null : sum + lag), 0)
}

function membersOf(rows: readonly LagItem[]): number {
  return new Set(rows.map(({ consumer_id }) => consumer_id).filter((id) => id !== '')).size
}

function columnsOf(cluster: string): readonly Column<LagItem>[] {
  return [
    {
      ...{ title: 'Topic', isName: true, by: (row) => row.topic_name },
      cell: (row) => <Link href={paths.topic(cluster, row.topic_name)}>{row.topic_name}</Link>,
    },
    { title: 'Partition', isNumber: true, by: (row) => row.partition_id, cell: (row) => row.partition_id },
    {
      title: 'Position',
      isNumber: true,
      by: (row) => row.current_offset,
      cell: (row) => count(row.current_offset),
    },
    {
      ...{ title: 'Ends at', isNumber: true, by: (row) => row.log_end_offset },
      cell: (row) => <Known value={row.log_end_offset} why="the partition has no leader" as={count} />,
    },
    {
      ...{ title: 'Behind', isNumber: true, by: (row) => row.lag },
      cell: (row) => <Known value={row.lag} why="the partition has no leader" as={count} />,
    },
    {
      title: 'Read by',
      by: (row) => row.client_id,
      cell: (row) => row.client_id || <span className="soft">nobody</span>,
    },
  ]
}
