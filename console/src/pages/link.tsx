import { Link } from 'wouter'
import type { FleetStatus, LinkOverview } from '../../../src/fleet/run/fleet-status.ts'
import type { GroupStatus } from '../../../src/link/status.ts'
import { Badge, Empty, Fact, Known, LagFacts, Panel, TroubleNote, Unknown, When } from '../parts/basics.tsx'
import { bytes, count, counted } from '../parts/format.ts'
import { LagHistory } from '../parts/lag-history.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { paths } from '../shell/paths.ts'
import { LinkActions } from './link-actions.tsx'
import { LinkDrift } from './link-drift.tsx'
import { MirrorTable } from './mirrors.tsx'

export function LinkPage({ fleet, name }: { readonly fleet: FleetStatus; readonly name: string }) {
  const link = fleet.links.find((one) => one.name === name)
  if (link === undefined) return <Empty title={`The fleet has no link "${name}"`} />
  const faults = link.mirrors.filter(({ fault }) => fault !== null)
  return (
    <>
      <div className="page-head">
        <h1>{name}</h1> <Badge state={link.state} />
        <span className="soft grow">
          <Link href={paths.cluster(link.from)}>{link.from}</Link> →{' '}
          <Link href={paths.cluster(link.to)}>{link.to}</Link>
        </span>
        <LinkActions link={link} />
      </div>
      <LinkFigures link={link} />
      {(link.fault !== null || faults.length > 0) && (
        <Panel flush title="Faults">
          {link.fault !== null && <TroubleNote trouble={link.fault} />}
          {faults.map(({ mirror, fault }) => (
            <TroubleNote key={mirror} about={<strong>{mirror}</strong>} trouble={fault!} />
          ))}
        </Panel>
      )}
      <LagHistory of={{ link: name }} />
      <Panel flush title={counted(link.mirrors.length, 'mirror')}>
        <MirrorTable link={link} />
      </Panel>
      <Panel flush title={`${counted(link.groups.length, 'group')} carried along`}>
        <Table
          label="Groups"
          rows={link.groups}
          columns={groupColumns}
          keyOf={({ group }) => group}
          empty="The link carries no positions of groups"
        />
      </Panel>
      <LinkDrift link={name} />
      <Workers link={link} />
    </>
  )
}

function LinkFigures({ link: { lag, rate, counters } }: { readonly link: LinkOverview }) {
  const why = 'no worker on this machine counts'
  return (
    <dl className="facts">
      <LagFacts lag={lag} />
      <Fact name="Now">
        <Known value={rate?.bytesPerSecond} why={why} as={(value) => `${bytes(value)}/s`} />
      </Fact>
      <Fact name="Records, since its start">
        <Known value={counters?.records} why={why} as={count} />
      </Fact>
      <Fact name="Gaps filled">
        <Known value={counters?.gapOffsets} why={why} as={count} />
      </Fact>
    </dl>
  )
}

const groupColumns: readonly Column<GroupStatus>[] = [
  { title: 'Group', isName: true, by: ({ group }) => group, cell: ({ group }) => group },
  { title: 'State', by: ({ state }) => state, cell: ({ state }) => <Badge state={state} /> },
  {
    title: 'Partitions',
    isNumber: true,
    by: ({ partitions }) => partitions,
    cell: ({ partitions }) => partitions,
  },
  {
    ...{ title: 'Positions as of', by: ({ asOf }) => asOf },
    cell: ({ asOf }) => (asOf === null ? <Unknown why="none was written yet" /> : <When at={asOf} />),
  },
]

function Workers({ link: { worker, workers, generation, gaps, budget } }: { readonly link: LinkOverview }) {
  return (
    <Panel title="Who copies">
      <dl className="pairs">
        <dt>Process here</dt>
        <dd>
          {worker === null ? (
            <Unknown why="no supervisor of this machine runs the link" />
          ) : (
            `${worker.state}${worker.pid === null ? '' : `, process ${worker.pid}`}, ${worker.restarts} restarts`
          )}
        </dd>
        <dt>All that share it</dt>
        <dd>
          {workers.map(({ name, leads }) => `${name}${leads ? ' (leads)' : ''}`).join(', ') || (
            <Unknown why="not settled yet" />
          )}
        </dd>
        <dt>Generation</dt>
        <dd>{generation ?? <Unknown why="no worker says" />}</dd>
        <dt>Gaps are filled by</dt>
        <dd>{gaps ?? <Unknown why="no worker counts" />}</dd>
        <dt>Limit</dt>
        <dd>{budget?.bytesPerSecond == null ? 'none' : `${bytes(budget.bytesPerSecond)}/s`}</dd>
      </dl>
    </Panel>
  )
}
