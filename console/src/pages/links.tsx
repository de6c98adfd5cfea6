import { Link } from 'wouter'
import type { FleetStatus, LinkOverview } from '../../../src/fleet/run/fleet-status.ts'
import { Badge, Known, Panel } from '../parts/basics.tsx'
import { bytes, counted } from '../parts/format.ts'
import { type Column, Table } from '../parts/table.tsx'
import { paths } from '../shell/paths.ts'
import { lagColumns } from './lag-columns.tsx'

const columns: readonly Column<LinkOverview>[] = [
  {
    ...{ title: 'Link', isName: true, by: ({ name }) => name },
    cell: ({ name }) => <Link href={paths.link(name)}>{name}</Link>,
  },
  { title: 'State', by: ({ state }) => state, cell: ({ state }) => <Badge state={state} /> },
  {
    ...{ title: 'From → to', by: ({ from, to }) => `${from} ${to}` },
    cell: ({ from, to }) => (
      <>
        <Link href={paths.cluster(from)}>{from}</Link> → <Link href={paths.cluster(to)}>{to}</Link>
      </>
    ),
  },
  {
    title: 'Mirrors',
    isNumber: true,
    by: ({ mirrors }) => mirrors.length,
    cell: ({ mirrors }) => mirrors.length,
  },
  ...lagColumns,
  {
    ...{ title: 'Now', isNumber: true, by: ({ rate }) => rate?.bytesPerSecond ?? null },
    cell: ({ rate }) => (
      <Known value={rate?.bytesPerSecond} why="no worker counts" as={(value) => `${bytes(value)}/s`} />
    ),
  },
]

export function LinksPage({ fleet }: { readonly fleet: FleetStatus }) {
  return (
    <>
      <h1>Links</h1>
      <Panel flush title={counted(fleet.links.length, 'link')}>
        <Table
          label="Links"
          rows={fleet.links}
          columns={columns}
          keyOf={({ name }) => name}
          empty="The fleet joins no clusters yet"
        />
      </Panel>
    </>
  )
}
