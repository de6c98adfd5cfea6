import { useState } from 'react'
import { Link } from 'wouter'
import type { TopicRow } from '../../../src/server/api/topics.ts'
import { Badge, Known } from '../parts/basics.tsx'
import { bytes, shortCount } from '../parts/format.ts'
import type { Column } from '../parts/table.tsx'
import { visible } from '../records/text.ts'
import { paths } from '../shell/paths.ts'
import { ListPage } from './list-page.tsx'
import { VerdictBadge } from './looks.tsx'

const columns: readonly Column<TopicRow>[] = [
  {
    ...{ title: 'Topic', isName: true, sort: 'name' },
    cell: ({ cluster, topic }) => <Link href={paths.topic(cluster, topic)}>{topic}</Link>,
  },
  {
    ...{ title: 'Cluster', sort: 'cluster' },
    cell: ({ cluster }) => <Link href={paths.cluster(cluster)}>{cluster}</Link>,
  },
  { title: 'Partitions', isNumber: true, sort: 'partitions', cell: ({ partitions }) => partitions },
  {
    ...{ title: 'Size', isNumber: true, sort: 'bytes' },
    cell: (row) => <Known value={row.bytes} why="no broker has told of its disks yet" as={bytes} />,
  },
  { title: 'In sync', sort: 'underReplicated', cell: (row) => <InSync row={row} /> },
  { title: 'Read by', cell: (row) => <Readers row={row} /> },
  { title: 'Across clusters', cell: (row) => <Copies row={row} /> },
]

function InSync({ row: { offline, underReplicated } }: { readonly row: TopicRow }) {
  if (offline > 0) return <Badge state={`${offline} offline`} tone="bad" />
  if (underReplicated > 0) return <Badge state={`${underReplicated} under-replicated`} tone="warn" />
  return <Badge state="all" tone="good" />
}

/** The groups furthest behind, and how many there are besides. */
function Readers({ row: { cluster, readers, readersTotal } }: { readonly row: TopicRow }) {
  return (
    <span className="tools">
      {readers.slice(0, 2).map(({ group, lag, verdict }) => (
        <span key={group} className="tools">
          <Link href={paths.group(cluster, group)}>{visible(group)}</Link>
          <span className="soft">
            <Known value={lag.records} why="the end of a partition was not seen" as={shortCount} />
          </span>
          {verdict !== 'OK' && verdict !== 'NOTFOUND' && <VerdictBadge verdict={verdict} />}
        </span>
      ))}
      {readersTotal > 2 && <span className="soft">and {readersTotal - 2} more</span>}
    </span>
  )
}

export function Copies({ row: { mirrors, mirrorOf } }: { readonly row: TopicRow }) {
  return (
    <span className="tools">
      {mirrorOf !== null && <Copy word="mirror of" copy={mirrorOf} />}
      {mirrors.map((copy) => (
        <Copy key={copy.link} word="mirrored in" copy={copy} />
      ))}
    </span>
  )
}

type CopyProps = { readonly word: string; readonly copy: TopicRow['mirrors'][number] }

function Copy({ word, copy: { cluster, topic, state } }: CopyProps) {
  return (
    <span className="tools">
      <span className="soft">{word}</span>{' '}
      <Link href={paths.topic(cluster, topic)}>{`${cluster} / ${topic}`}</Link>
      {state !== 'active' && <Badge state={state} />}
    </span>
  )
}

/** Topics of all clusters or of one. */
export function TopicList({ cluster }: { readonly cluster: string | null }) {
  const [internal, setInternal] = useState(false)
  const tools = (
    <label className="small soft">
      <input type="checkbox" checked={internal} onChange={(event) => setInternal(event.target.checked)} />{' '}
      internal
    </label>
  )
  return (
    <ListPage
      at="/api/topics"
      what="topic"
      cluster={cluster}
      columns={columns}
      keyOf={(row) => `${row.cluster} ${row.topic}`}
      first={{ sort: 'name', descending: false }}
      more={{ internal: String(internal) }}
      tools={tools}
    />
  )
}
