import { accessTo } from '../../fleet/apply/bring-up.ts'
import { knownLink } from '../../fleet/apply/known-link.ts'
import { wishFor } from '../../fleet/apply/link-state.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { Exit, type ExitCode } from '../exit.ts'

export const linkPause: CommandDefinition = {
  description:
    'Pauses a link: its worker stops copying within seconds, wherever it runs, and stays so over restarts. Mirrors and ' +
    'positions stay as they are. The wish is kept on the destination, so this works from any machine.',
  examples: [['kmc link pause dr', 'until kmc link resume dr']],
  configure: (command) => command.argument('<link>', 'a link of the fleet file'),
  run: async (context, _options, [name]) => await wish(context, name!, 'paused'),
}

export const linkResume: CommandDefinition = {
  description: 'Lets a paused link go on at the exact offset at which it stopped.',
  examples: [['kmc link resume dr', 'go on']],
  configure: (command) => command.argument('<link>', 'a link of the fleet file'),
  run: async (context, _options, [name]) => await wish(context, name!, 'active'),
}

async function wish(context: CommandContext, name: string, desired: 'active' | 'paused'): Promise<ExitCode> {
  const { loaded, link } = await knownLink(context.fleetPath, name)
  const changed = await wishFor(await accessTo(loaded, link.to), link.name, desired)
  await context.out.value({ link: link.name, desired, changed }, () => {
    const follows = changed ? '; its worker follows within seconds' : ' already'
    context.out.line(`link ${link.name}: ${desired}${follows}`)
  })
  return Exit.ok
}
