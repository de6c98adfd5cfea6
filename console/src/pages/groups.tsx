import type { FleetStatus } from '../../../src/fleet/run/fleet-status.ts'
import { GroupList } from './group-list.tsx'

/** The groups of all clusters. One that cannot be reached says so in its own panel, and holds up no other. */
export function GroupsPage({ fleet }: { readonly fleet: FleetStatus }) {
  return (
    <>
      <h1>Groups</h1>
      {fleet.clusters.map(({ name }) => (
        <GroupList key={name} cluster={name} />
      ))}
    </>
  )
}
