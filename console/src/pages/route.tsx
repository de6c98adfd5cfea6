import { Link } from 'wouter'
import type { GatewayStatus } from '../../../src/failover/keeper/status.ts'
import type { FleetStatus } from '../../../src/fleet/run/fleet-status.ts'
import { Badge, Empty, Fact, Panel, TroubleNote, Unknown, When } from '../parts/basics.tsx'
import { bytes, count, counted } from '../parts/format.ts'
import { type Column, Table } from '../parts/table.tsx'
import { paths } from '../shell/paths.ts'
import { FailoverPanel } from './failover.tsx'

/** Where the clients of a route are led, what keeps them waiting if anything does, and its failover. */
export function RoutePage({ fleet, name }: { readonly fleet: FleetStatus; readonly name: string }) {
  const route = fleet.routes.find((one) => one.name === name)
  if (route === undefined) return <Empty title={`The fleet has no route "${name}"`} />
  const { state, address, active, primary, standby, gateway, fault } = route
  return (
    <>
      <div className="page-head">
        <h1>{name}</h1> <Badge state={state} /> <code className="soft">{address}</code>
      </div>
      <dl className="facts">
        <Fact name="Leads to">
          {active === null ? (
            <Unknown why="no gateway here says" />
          ) : (
            <Link href={paths.cluster(active)}>{active}</Link>
          )}
        </Fact>
        <Fact name="Primary, standby">
          {primary} <small>and {standby}</small>
        </Fact>
        <Fact name="Connections">
          {gateway === null ? <Unknown why="no gateway here says" /> : count(gateway.connections)}
        </Fact>
        <Fact name="Waiting">
          {gateway === null ? <Unknown why="no gateway here says" /> : count(gateway.parkedConnections)}{' '}
          <small>{gateway !== null && gateway.parkedBytes > 0 && bytes(gateway.parkedBytes)}</small>
        </Fact>
        <Fact name="Moves so far">
          {gateway === null ? <Unknown why="no gateway here says" /> : gateway.moves}
        </Fact>
      </dl>
      {(fault !== null || (gateway?.waitsFor ?? null) !== null) && (
        <Panel flush title="What hinders it">
          {fault !== null && <TroubleNote trouble={fault} />}
          {fault === null && <p className="trouble">No writes pass: {gateway?.waitsFor}</p>}
        </Panel>
      )}
      <FailoverPanel route={route} />
      {gateway !== null && <Clients gateway={gateway} />}
    </>
  )
}

type Client = GatewayStatus['clients'][number]

const clientColumns: readonly Column<Client>[] = [
  {
    title: 'Client',
    isName: true,
    by: ({ clientId }) => clientId,
    cell: ({ clientId }) => clientId || <Unknown why="it names itself not" />,
  },
  {
    title: 'Library',
    by: ({ library }) => library,
    cell: ({ library, version }) => `${library ?? ''} ${version ?? ''}`,
  },
  { title: 'From', by: ({ address }) => address, cell: ({ address }) => <code>{address}</code> },
  {
    title: 'Connections',
    isNumber: true,
    by: ({ connections }) => connections,
    cell: ({ connections }) => connections,
  },
  { title: 'In a switch', cell: ({ inSwitch }) => <span className="soft small">{inSwitch}</span> },
]

function Clients({ gateway: { clients, run } }: { readonly gateway: GatewayStatus }) {
  return (
    <>
      {run !== null && (
        <Panel title="Under way">
          Step <strong>{run.step}</strong>, by {run.by}, heard <When at={run.at} />
          {run.failed && ' (it ended halfway)'}
        </Panel>
      )}
      <Panel flush title={counted(clients.length, 'client')}>
        <Table
          label="Clients"
          rows={clients}
          columns={clientColumns}
          keyOf={(client) => JSON.stringify(client)}
          empty="Nobody is connected"
        />
      </Panel>
    </>
  )
}
