import { Link } from 'wouter'
import type { FleetStatus } from '../../../src/fleet/run/fleet-status.ts'
import type { RouteOverview } from '../../../src/fleet/run/route-overview.ts'
import { Badge, Panel, Unknown } from '../parts/basics.tsx'
import { counted } from '../parts/format.ts'
import { type Column, Table } from '../parts/table.tsx'
import { paths } from '../shell/paths.ts'

const columns: readonly Column<RouteOverview>[] = [
  {
    ...{ title: 'Route', isName: true, by: ({ name }) => name },
    cell: ({ name }) => <Link href={paths.route(name)}>{name}</Link>,
  },
  { title: 'State', by: ({ state }) => state, cell: ({ state }) => <Badge state={state} /> },
  { title: 'Clients use', cell: ({ address }) => <code>{address}</code> },
  {
    ...{ title: 'Leads to', by: ({ active }) => active },
    cell: ({ active }) =>
      active === null ? (
        <Unknown why="no gateway here says" />
      ) : (
        <Link href={paths.cluster(active)}>{active}</Link>
      ),
  },
  { title: 'Primary', by: ({ primary }) => primary, cell: ({ primary }) => primary },
  { title: 'Standby', by: ({ standby }) => standby, cell: ({ standby }) => standby },
  {
    ...{ title: 'Connections', isNumber: true, by: ({ gateway }) => gateway?.connections ?? null },
    cell: ({ gateway }) => gateway?.connections ?? <Unknown why="no gateway here says" />,
  },
]

export function RoutesPage({ fleet }: { readonly fleet: FleetStatus }) {
  return (
    <>
      <h1>Routes</h1>
      <Panel flush title={counted(fleet.routes.length, 'route')}>
        <Table
          label="Routes"
          rows={fleet.routes}
          columns={columns}
          keyOf={({ name }) => name}
          empty="The fleet declares no routes"
        />
      </Panel>
    </>
  )
}
