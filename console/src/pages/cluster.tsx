import type { ReactNode } from 'react'
import { Link, Route, Switch, useLocation } from 'wouter'
import type { ClusterStatus, FleetStatus } from '../../../src/fleet/run/fleet-status.ts'
import type { ClusterDetail } from '../../../src/server/api/clusters.ts'
import { type AclItem, type Collection, useKafka, v3 } from '../api/kafka.ts'
import { type BrokerLook, useCluster } from '../api/looks.ts'
import { Badge, Empty, Fact, Failure, Known, Panel, TroubleNote, Unknown } from '../parts/basics.tsx'
import { bytes, count } from '../parts/format.ts'
import { type Column, Table } from '../parts/table.tsx'
import { paths } from '../shell/paths.ts'
import { GroupPage } from './group.tsx'
import { GroupList } from './group-list.tsx'
import { LookAge } from './looks.tsx'
import { TopicPage } from './topic.tsx'
import { TopicList } from './topics.tsx'

/** A cluster and all that is in it: each part has an address of its own. */
export function ClusterPage({ fleet, name }: { readonly fleet: FleetStatus; readonly name: string }) {
  const cluster = fleet.clusters.find((one) => one.name === name)
  if (cluster === undefined) return <Empty title={`The fleet has no cluster "${name}"`} />
  const base = '/ui/clusters/:cluster'
  return (
    <Switch>
      <Route path={`${base}/topics/:topic`}>
        {({ topic }) => <TopicPage cluster={name} topic={decodeURIComponent(topic)} />}
      </Route>
      <Route path={`${base}/groups/:group`}>
        {({ group }) => <GroupPage cluster={name} group={decodeURIComponent(group)} />}
      </Route>
      <Route>
        <Head cluster={cluster} />
        <Switch>
          <Route path={`${base}/topics`}>
            <TopicList cluster={name} />
          </Route>
          <Route path={`${base}/groups`}>
            <GroupList cluster={name} />
          </Route>
          <Route path={`${base}/acls`}>
            <Acls cluster={name} />
          </Route>
          <Route>
            <Overview cluster={cluster} fleet={fleet} />
          </Route>
        </Switch>
      </Route>
    </Switch>
  )
}

function Head({ cluster: { name, state, region } }: { readonly cluster: ClusterStatus }) {
  const base = paths.cluster(name)
  return (
    <>
      <div className="page-head">
        <h1>{name}</h1> <Badge state={state} /> <span className="soft">{region}</span>
      </div>
      <nav className="tabs" aria-label={`Parts of ${name}`}>
        <Tab to={base}>Overview</Tab>
        <Tab to={`${base}/topics`}>Topics</Tab>
        <Tab to={`${base}/groups`}>Groups</Tab>
        <Tab to={`${base}/acls`}>ACLs</Tab>
      </nav>
    </>
  )
}

function Tab({ to, children }: { readonly to: string; readonly children: ReactNode }) {
  const [location] = useLocation()
  return (
    <Link href={to} aria-current={location === to ? 'page' : undefined}>
      {children}
    </Link>
  )
}

const notLooked = 'no look at the cluster has succeeded yet'

function Overview({ cluster, fleet }: { readonly cluster: ClusterStatus; readonly fleet: FleetStatus }) {
  const { name, fault } = cluster
  const { data: look, error } = useCluster(name)
  return (
    <>
      {fault !== null && (
        <Panel flush title="What is wrong">
          <TroubleNote trouble={fault} />
        </Panel>
      )}
      <Figures cluster={cluster} look={look} />
      {error !== null && look === undefined && <Failure error={error} />}
      {look !== undefined && (
        <>
          <Health look={look} />
          <Panel flush title="Brokers" aside={<LookAge age={look.age} />}>
            <Table
              label="Brokers"
              rows={look.brokerList}
              columns={brokerColumns}
              keyOf={({ id }) => String(id)}
              empty="No broker was seen yet"
            />
          </Panel>
        </>
      )}
      <Links fleet={fleet} cluster={name} />
    </>
  )
}

type FiguresProps = { readonly cluster: ClusterStatus; readonly look: ClusterDetail | undefined }

function Figures({ cluster: { kind, clusterId, bootstrap }, look }: FiguresProps) {
  return (
    <dl className="facts">
      <Fact name="Cluster id">{clusterId ?? <Unknown why="it has not answered yet" />}</Fact>
      <Fact name="Run by">{kind === 'managed' ? 'kmc' : 'others'}</Fact>
      <Fact name="Topics">
        <Known value={look?.topics} why={notLooked} as={count} />
      </Fact>
      <Fact name="Groups">
        <Known value={look?.groups} why={notLooked} as={count} />{' '}
        {(look?.groupsBehind ?? 0) > 0 && <small>{look?.groupsBehind} behind</small>}
      </Fact>
      <Fact name="Under-replicated">
        <Known value={look?.underReplicated} why={notLooked} as={count} />
      </Fact>
      <Fact name="Logs take">
        <Known value={look?.logBytes} why={notLooked} as={bytes} />
      </Fact>
      <Fact name="Found at">
        <code className="small">{bootstrap.join(', ')}</code>
      </Fact>
    </dl>
  )
}

function Links({ fleet, cluster }: { readonly fleet: FleetStatus; readonly cluster: string }) {
  const links = fleet.links.filter(({ from, to }) => from === cluster || to === cluster)
  return (
    <Panel flush title="Links">
      {links.length === 0 && <Empty title="No link touches this cluster" />}
      {links.map((link) => (
        <div key={link.name} className="trouble">
          <Badge state={link.state} />
          <Link href={paths.link(link.name)}>{link.name}</Link>
          <span className="soft">
            {link.from} → {link.to}, {link.mirrors.length} mirrors
          </span>
        </div>
      ))}
    </Panel>
  )
}

function Health({ look }: { readonly look: ClusterDetail }) {
  return (
    <Panel flush title="Health">
      {look.health.length === 0 && <p className="empty">The last look at it found nothing wrong.</p>}
      {look.health.map(({ kind, severity, count: many, examples }) => (
        <div key={kind} className="trouble">
          <Badge state={kind} tone={severity === 'critical' ? 'bad' : 'warn'} />
          <p>
            {count(many)} <span className="soft">{examples.join(', ')}</span>
          </p>
        </div>
      ))}
    </Panel>
  )
}

const brokerColumns: readonly Column<BrokerLook>[] = [
  { title: 'Broker', isNumber: true, by: ({ id }) => id, cell: ({ id }) => id },
  {
    title: 'State',
    cell: ({ isFenced, isController }) => (
      <span className="tools">
        <Badge state={isFenced ? 'fenced' : 'in service'} tone={isFenced ? 'bad' : 'good'} />
        {isController && <Badge state="controller" tone="busy" />}
      </span>
    ),
  },
  { title: 'Address', by: ({ address }) => address, cell: ({ address }) => <code>{address}</code> },
  { title: 'Rack', by: ({ rack }) => rack, cell: ({ rack }) => rack ?? '' },
  {
    ...{ title: 'Replicas', isNumber: true, by: (row) => sumOf(row, 'replicas') },
    cell: (row) => <Known value={sumOf(row, 'replicas')} why={noDisks} as={count} />,
  },
  {
    ...{ title: 'Logs take', isNumber: true, by: (row) => sumOf(row, 'logBytes') },
    cell: (row) => <Known value={sumOf(row, 'logBytes')} why={noDisks} as={bytes} />,
  },
]

const noDisks = 'the broker has not told of its disks'

function sumOf({ disks }: BrokerLook, what: 'replicas' | 'logBytes'): number | null {
  return disks.length === 0 ? null : disks.reduce((sum, disk) => sum + disk[what], 0)
}

const aclColumns: readonly Column<AclItem>[] = [
  { title: 'Principal', isName: true, by: ({ principal }) => principal, cell: ({ principal }) => principal },
  {
    ...{ title: 'May', by: ({ permission }) => permission },
    cell: ({ permission }) => (
      <Badge state={permission.toLowerCase()} tone={permission === 'DENY' ? 'bad' : 'good'} />
    ),
  },
  { title: 'Operation', by: ({ operation }) => operation, cell: ({ operation }) => operation.toLowerCase() },
  {
    ...{ title: 'On', by: ({ resource_type, resource_name }) => `${resource_type} ${resource_name}` },
    cell: ({ resource_type, resource_name, pattern_type }) => (
      <>
        {resource_type.toLowerCase().replaceAll('_', ' ')} <code>{resource_name}</code>
        {pattern_type === 'PREFIXED' && <span className="soft"> and all that begin so</span>}
      </>
    ),
  },
  { title: 'From', by: ({ host }) => host, cell: ({ host }) => (host === '*' ? 'anywhere' : host) },
]

function Acls({ cluster }: { readonly cluster: string }) {
  const { data, error } = useKafka<Collection<AclItem>>(v3.acls(cluster))
  if (error !== null && data === undefined) return <Failure error={error} />
  return (
    <Panel flush title="Who may do what">
      <Table
        label="ACL entries"
        rows={data?.data ?? []}
        columns={aclColumns}
        keyOf={(row) => JSON.stringify(row)}
        empty={data === undefined ? 'Asking …' : 'The cluster has no ACL entries'}
      />
    </Panel>
  )
}
