import type { RouteOverview } from '../../../src/fleet/run/route-overview.ts'
import { Panel } from '../parts/basics.tsx'

export function FailoverPanel({ route: { name } }: { readonly route: RouteOverview }) {
  return (
    <Panel title="Failover">
      <p className="soft">
        <code>kmc failover {name} --dry-run</code> shows what a failover would do, and what it would cost.
      </p>
    </Panel>
  )
}
