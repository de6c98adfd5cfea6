import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { fleetStatus } from '../../server/fleet-status.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import { linkColumns } from '../status-view.ts'

export const linkList: CommandDefinition = {
  description: 'Lists the links of the fleet with state, lag and rate.',
  examples: [
    ['kmc link list', 'all links'],
    ['kmc link list -o json', 'with their mirrors, groups and faults'],
  ],
  async run({ out, fleetPath, signal }) {
    const { status, problem } = await fleetStatus(await openFleet(fleetPath), signal)
    if (problem !== null) out.problem(problem)
    await out.rows(status.links, linkColumns(out.palette, status.links), 'the fleet has no links')
    return Exit.ok
  },
}
