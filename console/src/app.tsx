import { Route, Switch } from 'wouter'
import { useEvents } from './api/events.ts'
import { useFleet } from './api/fleet.ts'
import { isSignInNeeded } from './api/http.ts'
import { AlertsPage } from './pages/alerts.tsx'
import { AuditPage } from './pages/audit.tsx'
import { ClusterPage } from './pages/cluster.tsx'
import { ClustersPage } from './pages/clusters.tsx'
import { GroupList } from './pages/group-list.tsx'
import { LinkPage } from './pages/link.tsx'
import { LinksPage } from './pages/links.tsx'
import { MapPage } from './pages/map.tsx'
import { ReceiptPage, ReceiptsPage } from './pages/receipts.tsx'
import { RoutePage } from './pages/route.tsx'
import { RoutesPage } from './pages/routes.tsx'
import { TopicList } from './pages/topics.tsx'
import { Empty, Failure } from './parts/basics.tsx'
import { Shell } from './shell/shell.tsx'
import { SignIn } from './shell/sign-in.tsx'

export function App() {
  const { data, error } = useFleet()
  if (isSignInNeeded(error)) return <SignIn />
  if (data === undefined) {
    return (
      <main className="signin">
        {error === null ? <p role="status">Asking kmc …</p> : <Failure error={error} />}
      </main>
    )
  }
  return <Pages />
}

function Pages() {
  useEvents()
  const { data: fleet } = useFleet()
  return (
    <Shell fleet={fleet!}>
      <Switch>
        <Route path="/">
          <MapPage fleet={fleet!} />
        </Route>
        <Route path="/ui/clusters">
          <ClustersPage fleet={fleet!} />
        </Route>
        <Route path="/ui/clusters/:name/*?">
          {({ name }) => <ClusterPage fleet={fleet!} name={decodeURIComponent(name)} />}
        </Route>
        <Route path="/ui/alerts">
          <AlertsPage />
        </Route>
        <Route path="/ui/links">
          <LinksPage fleet={fleet!} />
        </Route>
        <Route path="/ui/links/:name">
          {({ name }) => <LinkPage fleet={fleet!} name={decodeURIComponent(name)} />}
        </Route>
        <Route path="/ui/topics">
          <h1>Topics</h1>
          <TopicList cluster={null} />
        </Route>
        <Route path="/ui/groups">
          <h1>Groups</h1>
          <GroupList cluster={null} />
        </Route>
        <Route path="/ui/audit" component={AuditPage} />
        <Route path="/ui/receipts" component={ReceiptsPage} />
        <Route path="/ui/receipts/:id">{({ id }) => <ReceiptPage id={decodeURIComponent(id)} />}</Route>
        <Route path="/ui/routes">
          <RoutesPage fleet={fleet!} />
        </Route>
        <Route path="/ui/routes/:name">
          {({ name }) => <RoutePage fleet={fleet!} name={decodeURIComponent(name)} />}
        </Route>
        <Route>
          <Empty title="There is no such page" />
        </Route>
      </Switch>
    </Shell>
  )
}
