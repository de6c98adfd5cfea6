import { useState } from 'react'
import { Link } from 'wouter'
import type { LinkOverview } from '../../../src/fleet/run/fleet-status.ts'
import type { MirrorStatus, PartitionStatus } from '../../../src/link/status.ts'
import { Badge, Known } from '../parts/basics.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { count } from '../parts/format.ts'
import { type Column, Table } from '../parts/table.tsx'
import { paths } from '../shell/paths.ts'
import { lagColumns } from './lag-columns.tsx'
import { MirrorActions } from './mirror-actions.tsx'

const notSeen = 'one of the two ends was not seen yet'

export function MirrorTable({ link }: { readonly link: LinkOverview }) {
  const [open, setOpen] = useState<string | null>(null)
  const shown = link.mirrors.find(({ mirror }) => mirror === open)
  const columns: readonly Column<MirrorStatus>[] = [
    {
      ...{ title: 'Mirror', isName: true, by: ({ mirror }) => mirror },
      cell: ({ mirror, topic }) => (
        <>
          <Link href={paths.topic(link.to, mirror)}>{mirror}</Link>
          {mirror !== topic && <span className="soft"> of {topic}</span>}
        </>
      ),
    },
    { title: 'State', by: ({ state }) => state, cell: ({ state }) => <Badge state={state} /> },
    ...lagColumns,
    {
      ...{ title: 'Partitions', isNumber: true, by: ({ partitions }) => partitions.length },
      cell: ({ mirror, partitions }) => (
        <button type="button" className="plain" onClick={() => setOpen(mirror)}>
          {partitions.length}
          <span className="hidden-text"> partitions of {mirror}</span>
        </button>
      ),
    },
    { title: '', cell: (mirror) => <MirrorActions link={link} mirror={mirror} /> },
  ]
  return (
    <>
      <Table
        label="Mirrors"
        rows={link.mirrors}
        columns={columns}
        keyOf={({ mirror }) => mirror}
        empty="The link has no mirrors yet"
      />
      {shown !== undefined && <Partitions mirror={shown} onClose={() => setOpen(null)} />}
    </>
  )
}

const partitionColumns: readonly Column<PartitionStatus>[] = [
  {
    title: 'Partition',
    isNumber: true,
    by: ({ partition }) => partition,
    cell: ({ partition }) => partition,
  },
  { title: 'State', by: ({ state }) => state, cell: ({ state }) => <Badge state={state} /> },
  {
    ...{ title: 'Source ends at', isNumber: true, by: ({ sourceEnd }) => sourceEnd },
    cell: ({ sourceEnd }) => <Known value={sourceEnd} why="the source was not seen yet" as={count} />,
  },
  {
    ...{ title: 'Mirror ends at', isNumber: true, by: ({ destinationEnd }) => destinationEnd },
    cell: ({ destinationEnd }) => (
      <Known value={destinationEnd} why="the mirror was not seen yet" as={count} />
    ),
  },
  {
    ...{ title: 'Behind', isNumber: true, by: ({ lag }) => lag.records },
    cell: ({ lag }) => <Known value={lag.records} why={notSeen} as={count} />,
  },
]

function Partitions({ mirror, onClose }: { readonly mirror: MirrorStatus; readonly onClose: () => void }) {
  return (
    <Dialog label={`Partitions of ${mirror.mirror}`} onClose={onClose}>
      <div className="body">
        <h2>{mirror.mirror}</h2>
        <Table
          label="Partitions"
          rows={mirror.partitions}
          columns={partitionColumns}
          keyOf={({ partition }) => String(partition)}
          empty="No partitions are known yet"
        />
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  )
}
