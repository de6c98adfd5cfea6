import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { fleetStatus } from '../../server/fleet-status.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import { routeColumns } from '../route-view.ts'

export const routeList: CommandDefinition = {
  description: 'Lists the routes of the fleet: where clients find them, and which cluster they lead to.',
  examples: [
    ['kmc route list', 'all routes'],
    ['kmc route list -o json', 'with what their gateways say'],
  ],
  async run({ out, fleetPath, signal }) {
    const { status, problem } = await fleetStatus(await openFleet(fleetPath), signal)
    if (problem !== null) out.problem(problem)
    await out.rows(status.routes, routeColumns(out.palette), 'the fleet has no routes')
    return Exit.ok
  },
}
