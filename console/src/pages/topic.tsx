import { type ReactNode, useState } from 'react'
import { Link } from 'wouter'
import type { TopicDetail } from '../../../src/server/api/topics.ts'
import {
  type Collection,
  type ConfigItem,
  type OffsetItem,
  type ReplicaItem,
  useKafka,
  v3,
} from '../api/kafka.ts'
import { useTopic } from '../api/looks.ts'
import { Badge, Failure, Known, Panel, Unknown } from '../parts/basics.tsx'
import { count, counted } from '../parts/format.ts'
import { LagHistory } from '../parts/lag-history.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { RecordBrowser } from '../records/browser.tsx'
import { visible } from '../records/text.ts'
import { paths } from '../shell/paths.ts'
import { SecondsBehind, VerdictBadge } from './looks.tsx'
import { Copies } from './topics.tsx'

type TopicProps = { readonly cluster: string; readonly topic: string }

const parts = ['Records', 'Readers', 'Partitions', 'Settings'] as const

/** A topic: its records first, as that is what people come for. */
export function TopicPage({ cluster, topic }: TopicProps) {
  const [part, setPart] = useState<(typeof parts)[number]>('Records')
  const { data, error } = useTopic(cluster, topic)
  return (
    <>
      <div className="page-head">
        <h1 className="mono">{topic}</h1>
        <span className="soft">
          in <Link href={paths.cluster(cluster)}>{cluster}</Link>
          {data !== undefined &&
            `, ${counted(data.partitions, 'partition')}, ${data.replicationFactor} of each`}
        </span>
        {data !== undefined && <Copies row={data} />}
      </div>
      {error !== null && data === undefined && <Failure error={error} />}
      <div className="tabs" role="tablist" aria-label={`Parts of ${topic}`}>
        {parts.map((name) => (
          <TabButton key={name} isHere={part === name} onOpen={() => setPart(name)}>
            {name}
          </TabButton>
        ))}
      </div>
      {part === 'Records' && <RecordBrowser key={`${cluster} ${topic}`} cluster={cluster} topic={topic} />}
      {part === 'Readers' && data !== undefined && <Readers topic={data} />}
      {part === 'Partitions' && data !== undefined && <Partitions topic={data} />}
      {part === 'Settings' && <Settings cluster={cluster} topic={topic} />}
    </>
  )
}

type TabProps = { readonly isHere: boolean; readonly onOpen: () => void; readonly children: ReactNode }

function TabButton({ isHere, onOpen, children }: TabProps) {
  return (
    <button type="button" role="tab" aria-selected={isHere} onClick={onOpen}>
      {children}
    </button>
  )
}

type Reader = TopicDetail['readers'][number]

/** Who reads it, and how late. */
function Readers({ topic: { cluster, topic, readers } }: { readonly topic: TopicDetail }) {
  const [chosen, setChosen] = useState<string | null>(null)
  const group = chosen ?? readers[0]?.group ?? null
  const columns: readonly Column<Reader>[] = [
    {
      ...{ title: 'Group', isName: true, by: ({ group }) => group },
      cell: ({ group }) => <Link href={paths.group(cluster, group)}>{visible(group)}</Link>,
    },
    {
      title: 'Verdict',
      by: ({ verdict }) => verdict,
      cell: ({ verdict }) => <VerdictBadge verdict={verdict} />,
    },
    {
      ...{ title: 'Records behind', isNumber: true, by: ({ lag }) => lag.records },
      cell: ({ lag }) => <Known value={lag.records} why="the end of a partition was not seen" as={count} />,
    },
    { title: 'Seconds behind', isNumber: true, cell: ({ lag }) => <SecondsBehind lag={lag} /> },
    {
      title: 'Over time',
      cell: (reader) => (
        <button
          type="button"
          className="chip"
          aria-pressed={reader.group === group}
          onClick={() => setChosen(reader.group)}
        >
          show
        </button>
      ),
    },
  ]
  return (
    <>
      <Panel flush title={counted(readers.length, 'group')}>
        <Table
          label="Readers"
          rows={readers}
          columns={columns}
          keyOf={(reader) => reader.group}
          empty="No group reads it"
        />
      </Panel>
      {group !== null && <LagHistory key={group} of={{ cluster, group, topic }} />}
    </>
  )
}

const DRAWN_MAX = 500

function Partitions({ topic: { cluster, topic, partitions } }: { readonly topic: TopicDetail }) {
  const rows = Array.from({ length: Math.min(partitions, DRAWN_MAX) }, (_, partition) => partition)
  const base = `${v3.topic(cluster, topic)}/partitions`
  return (
    <Panel flush title={counted(partitions, 'partition')}>
      <div className="table">
        <table>
          <thead>
            <tr>
              <th className="number">Partition</th>
              <th>Leader and copies</th>
              <th className="number">First offset</th>
              <th className="number">Next offset</th>
              <th className="number">Records at most</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((partition) => (
              <PartitionRow key={partition} partition={partition} at={`${base}/${partition}`} />
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  )
}

function PartitionRow({ partition, at }: { readonly partition: number; readonly at: string }) {
  const replicas = useKafka<Collection<ReplicaItem>>(`${at}/replicas`)
  const offsets = useKafka<OffsetItem>(`${at}/offset`)
  const why = offsets.error?.message ?? 'asking …'
  const known = offsets.data
  return (
    <tr>
      <td className="number">{partition}</td>
      <td>
        <span className="tools">
          {replicas.data?.data.map(({ broker_id, is_leader, is_in_sync }) => (
            <span key={broker_id} className="broker" data-tone={is_in_sync ? 'good' : 'bad'}>
              {broker_id}
              {is_leader && ' leads'}
              {!is_in_sync && ' out of sync'}
            </span>
          )) ?? <Unknown why={replicas.error?.message ?? 'asking …'} />}
        </span>
      </td>
      <td className="number">{known === undefined ? <Unknown why={why} /> : count(known.earliest_offset)}</td>
      <td className="number">{known === undefined ? <Unknown why={why} /> : count(known.latest_offset)}</td>
      <td className="number">
        {known === undefined ? <Unknown why={why} /> : count(known.latest_offset - known.earliest_offset)}
      </td>
    </tr>
  )
}

const configColumns: readonly Column<ConfigItem>[] = [
  { title: 'Setting', isName: true, by: ({ name }) => name, cell: ({ name }) => <code>{name}</code> },
  {
    ...{ title: 'Value', by: ({ value }) => value },
    cell: ({ value, is_sensitive }) =>
      is_sensitive ? <Unknown why="brokers give out no secrets" /> : <code>{value}</code>,
  },
  {
    ...{ title: 'Set by', by: ({ source }) => source },
    cell: ({ source, is_default }) => (
      <Badge
        state={is_default ? 'default' : source.toLowerCase().replaceAll('_', ' ').replace(' config', '')}
        tone={is_default ? 'idle' : 'busy'}
      />
    ),
  },
]

function Settings({ cluster, topic }: { readonly cluster: string; readonly topic: string }) {
  const { data, error } = useKafka<Collection<ConfigItem>>(`${v3.topic(cluster, topic)}/configs`)
  if (error !== null && data === undefined) return <Failure error={error} />
  const rows = [...(data?.data ?? [])].sort((a, b) => Number(a.is_default) - Number(b.is_default))
  return (
    <Panel flush title="Settings">
      <Table
        label="Settings"
        rows={rows}
        columns={configColumns}
        keyOf={({ name }) => name}
        empty={data === undefined ? 'Asking …' : 'No settings'}
      />
    </Panel>
  )
}
