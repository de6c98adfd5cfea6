import { dirname } from 'node:path'
import { fetchSignInLink } from '../../server/control-client.ts'
import { serverError } from '../../server/errors.ts'
import { findRunners } from '../../server/find-supervisor.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'

export const consoleCommand: CommandDefinition = {
  description:
    'Prints a link to the console of the running fleet. It signs in as an admin, once, within ten minutes; whoever may read ' +
    'the folder of the fleet may have one. Nothing is opened.',
  examples: [['kmc console', 'a link for the browser']],
  configure: () => undefined,
  async run({ out, fleetPath }) {
    for (const runner of findRunners(dirname(fleetPath))) {
      const link = await fetchSignInLink(runner)
      if (link === null) continue
      await out.value({ link }, () => out.line(link))
      return Exit.ok
    }
    throw serverError('SERVER_NOT_RUNNING', 'no server of this fleet runs on this machine')
  },
}
