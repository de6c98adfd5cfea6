import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { fleetError } from '../../fleet/errors.ts'
import { askFor } from '../../server/control-client.ts'
import { findSupervisor } from '../../server/find-supervisor.ts'
import type { ClusterAction } from '../../server/routes.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { Exit, type ExitCode } from '../exit.ts'

export const clusterStart: CommandDefinition = {
  description: 'Starts a managed cluster that was stopped, or that has failed. The fleet has to be up.',
  examples: [['kmc cluster start virginia', 'links from and to it go on by themselves']],
  configure: (command) => command.argument('<name>', 'a managed cluster of the fleet'),
  run: async (context, _options, [name]) => await act(context, name!, 'start'),
}

export const clusterStop: CommandDefinition = {
  description:
    'Stops a managed cluster while the rest of the fleet goes on; its data stay. Links from and to it wait until it is ' +
    'started again.',
  examples: [['kmc cluster stop virginia', 'until kmc cluster start virginia, or the next kmc up']],
  configure: (command) => command.argument('<name>', 'a managed cluster of the fleet'),
  run: async (context, _options, [name]) => await act(context, name!, 'stop'),
}

export const clusterRestart: CommandDefinition = {
  description: 'Stops a managed cluster and starts it again.',
  examples: [['kmc cluster restart virginia', 'with one broker it is away for some seconds']],
  configure: (command) => command.argument('<name>', 'a managed cluster of the fleet'),
  run: async (context, _options, [name]) => await act(context, name!, 'restart'),
}

const done = { start: 'started', stop: 'stopped', restart: 'started again' } as const

async function act(
  { out, fleetPath }: CommandContext,
  name: string,
  action: ClusterAction,
): Promise<ExitCode> {
  const { directory, file } = await openFleet(fleetPath, { secrets: 'ignore' })
  const supervisor = findSupervisor(directory)
  if (supervisor === null)
    throw fleetError('FLEET_NOT_RUNNING', `no supervisor runs the fleet of ${file} here`)
  await askFor(supervisor, { kind: 'cluster', name, action })
  await out.value({ cluster: name, action }, () => out.line(`cluster ${name}: ${done[action]}`))
  return Exit.ok
}
