import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { fleetStatus } from '../../server/fleet-status.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import { clusterColumns } from '../status-view.ts'

export const clusterList: CommandDefinition = {
  description:
    'Lists the clusters of the fleet with their state: ready answers; unreachable is external and does not; stopped, ' +
    'starting, stopping and failed are managed here. One that does not answer is no failure of this command.',
  examples: [
    ['kmc cluster list', 'all clusters'],
    [
      'kmc cluster list -o json | jq -r \'.[] | select(.name == "seoul") | .bootstrap | join(",")\'',
      'one address list',
    ],
  ],
  async run({ out, fleetPath, signal }) {
    const loaded = await openFleet(fleetPath, { secrets: 'ignore' })
    // Links need not be looked at for this.
    const clustersOnly = { ...loaded, fleet: { ...loaded.fleet, links: {} } }
    const { status, problem } = await fleetStatus(clustersOnly, signal)
    if (problem !== null) out.problem(problem)
    await out.rows(status.clusters, clusterColumns(out.palette), 'No clusters.')
    if (out.format === 'table') {
      for (const { name, fault } of status.clusters) {
        if (fault !== null)
          out.note(`${name}: ${fault.message}${fault.remedy === null ? '' : `\n  → ${fault.remedy}`}`)
      }
    }
    return Exit.ok
  },
}
