import { PORT_MAX } from '../../fleet/file/word-schemas.ts'
import type { CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { type PortOptions, portOptions, portsOf } from '../ports.ts'
import { parseCount } from '../terminal/units.ts'
import { runServing } from './serve.ts'

type GatewayOptions = PortOptions & { readonly port?: string }

export const gateway: CommandDefinition<GatewayOptions> = {
  description:
    'Serves routes of the fleet file, without starting any cluster or link. Several gateways may serve one route, on one ' +
    'machine or many, each at an address of its own; all obey what both clusters say of the route. Runs until Ctrl-C, ' +
    'SIGTERM or kmc down.',
  examples: [
    ['kmc gateway', 'all routes of the file'],
    ['kmc gateway shop', 'this one alone'],
    ['kmc gateway shop --port 9292', 'a second gateway of it on this machine'],
  ],
  configure: (command) =>
    portOptions(
      command
        .argument('[route...]', 'routes of the fleet file')
        .option('--port <port>', 'with one route: where it listens in place of its `port`'),
    ),
  stopMs: 30_000,
  async run(context, { port, ...ports }, names) {
    if (port !== undefined && names.length !== 1)
      throw usageError('--port goes with one route', 'Name the route.')
    const routes = names.length === 0 ? 'all' : names
    const what = { links: [], routes, port: portOf(port) } as const
    return await runServing(context, what, portsOf(ports))
  },
}

function portOf(text: string | undefined): number | undefined {
  return text === undefined ? undefined : parseCount(text, '--port', { min: 1, max: PORT_MAX })
}
