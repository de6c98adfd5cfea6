import type { ReactNode } from 'react'
import { Link, Route, Switch, useLocation } from 'wouter'
import type { ClusterStatus, FleetStatus } from '../../../src/fleet/run/fleet-status.ts'
import { type AclItem, type BrokerItem, type Collection, useKafka, v3 } from '../api/kafka.ts'
import { Badge, Empty, Fact, Failure, Panel, TroubleNote, Unknown } from '../parts/basics.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { paths } from '../shell/paths.ts'
import { GroupPage } from './group.tsx'
import { GroupList } from './group-list.tsx'
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
        {({ topic }) => <TopicPage fleet={fleet} cluster={name} topic={decodeURIComponent(topic)} />}
      </Route>
      <Route path={`${base}/groups/:group`}>
        {({ group }) => <GroupPage cluster={name} group={decodeURIComponent(group)} />}
      </Route>
      <Route>
        <Head cluster={cluster} />
        <Switch>
          <Route path={`${base}/topics`}>
            <TopicList cluster={name} links={fleet.links} />
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

function Overview({ cluster, fleet }: { readonly cluster: ClusterStatus; readonly fleet: FleetStatus }) {
  const { name, kind, clusterId, bootstrap, fault } = cluster
  const links = fleet.links.filter(({ from, to }) => from === name || to === name)
  return (
    <>
      {fault !== null && (
        <Panel flush title="What is wrong">
          <TroubleNote trouble={fault} />
        </Panel>
      )}
      <dl className="facts">
        <Fact name="Cluster id">{clusterId ?? <Unknown why="it has not answered yet" />}</Fact>
        <Fact name="Run by">{kind === 'managed' ? 'kmc' : 'others'}</Fact>
        <Fact name="Found at">
          <code className="small">{bootstrap.join(', ')}</code>
        </Fact>
      </dl>
      <Brokers cluster={cluster} />
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
    </>
  )
}

function Brokers({ cluster }: { readonly cluster: ClusterStatus }) {
  const { data, error } = useKafka<Collection<BrokerItem>>(v3.brokers(cluster.name))
  const here = new Map(cluster.brokers.map((broker) => [broker.id, broker]))
  const columns: readonly Column<BrokerItem>[] = [
    { title: 'Broker', isNumber: true, by: (row) => row.broker_id, cell: (row) => row.broker_id },
    {
      title: 'State',
      cell: ({ broker_id }) => <Badge state={here.get(broker_id)?.state ?? 'ready'} />,
    },
    {
      ...{ title: 'Address', by: ({ host }) => host },
      cell: ({ host, port }) =>
        host === null ? <Unknown why="it is not in service" /> : <code>{`${host}:${port}`}</code>,
    },
    { title: 'Rack', by: ({ rack }) => rack, cell: ({ rack }) => rack ?? '' },
    {
      ...{ title: 'Restarts', isNumber: true },
      cell: ({ broker_id }) =>
        here.get(broker_id)?.restarts ?? <Unknown why="kmc does not run this broker" />,
    },
  ]
  const seen =
    data?.data ??
    cluster.brokers.map((broker) => ({ broker_id: broker.id, host: null, port: null, rack: null }))
  return (
    <Panel
      flush
      title="Brokers"
      aside={error !== null && <span className="soft small">{error.message}</span>}
    >
      <Table
        label="Brokers"
        rows={seen}
        columns={columns}
        keyOf={({ broker_id }) => String(broker_id)}
        empty="No broker has answered yet"
      />
    </Panel>
  )
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
