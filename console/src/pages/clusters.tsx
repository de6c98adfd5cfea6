import { Link } from 'wouter'
import type { ClusterStatus, FleetStatus } from '../../../src/fleet/run/fleet-status.ts'
import { Badge, Panel, Unknown } from '../parts/basics.tsx'
import { counted } from '../parts/format.ts'
import { type Column, Table } from '../parts/table.tsx'
import { paths } from '../shell/paths.ts'

const columns: readonly Column<ClusterStatus>[] = [
  {
    ...{ title: 'Cluster', isName: true, by: ({ name }) => name },
    cell: ({ name }) => <Link href={paths.cluster(name)}>{name}</Link>,
  },
  { title: 'State', by: ({ state }) => state, cell: ({ state }) => <Badge state={state} /> },
  { title: 'Region', by: ({ region }) => region, cell: ({ region }) => region ?? '' },
  { title: 'Run by', by: ({ kind }) => kind, cell: ({ kind }) => (kind === 'managed' ? 'kmc' : 'others') },
  {
    ...{ title: 'Brokers', isNumber: true, by: ({ brokers }) => brokers.length },
    cell: ({ brokers, kind }) =>
      kind === 'managed' ? brokers.length : <Unknown why="kmc does not run them; the cluster's page asks" />,
  },
  { title: 'Found at', cell: ({ bootstrap }) => <code>{bootstrap.join(', ')}</code> },
]

export function ClustersPage({ fleet }: { readonly fleet: FleetStatus }) {
  return (
    <>
      <h1>Clusters</h1>
      <Panel flush title={counted(fleet.clusters.length, 'cluster')}>
        <Table
          label="Clusters"
          rows={fleet.clusters}
          columns={columns}
          keyOf={({ name }) => name}
          empty="No clusters"
        />
      </Panel>
    </>
  )
}
