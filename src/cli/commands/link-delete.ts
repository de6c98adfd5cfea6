import { accessTo } from '../../fleet/apply/bring-up.ts'
import { forgetLink } from '../../fleet/apply/link-state.ts'
import { readApplied, writeApplied } from '../../fleet/file/applied.ts'
import { askFor } from '../../server/control-client.ts'
import { findSupervisor } from '../../server/find-supervisor.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import { knownLink } from '../links.ts'
import { confirm } from '../terminal/confirm.ts'

type DeleteOptions = { readonly yes?: true }

export const linkDelete: CommandDefinition<DeleteOptions> = {
  description:
    'Ends a link: its worker stops, wherever it runs, and its mirrors become ordinary topics that anybody may write to. ' +
    'No record is deleted. A link that still stands in the fleet file is made again by the next kmc apply or up.',
  examples: [
    ['kmc link delete dr', 'asks first'],
    ['kmc link delete dr --yes', 'does not ask'],
  ],
  configure: (command) =>
    command.argument('<link>', 'a link of the fleet file').option('-y, --yes', 'do not ask'),
  async run(context, options, [name]) {
    const { loaded, link, declared } = await knownLink(context, name!)
    const warning = `This ends the link ${link.name} (${link.from} → ${link.to}); its mirrors stay as ordinary topics`
    await confirm(context, { warning, word: link.name, yes: options.yes === true })
    await forgetLink(await accessTo(loaded, link.to), link.name)
    await forgetHere(loaded.directory, link.name)
    await context.out.value({ link: link.name, deleted: true, declared }, () => {
      context.out.line(`link ${link.name}: deleted`)
      if (declared) {
        context.out.note(
          `it still stands in ${loaded.file}: take it out there, or the next apply makes it again`,
        )
      }
    })
    return Exit.ok
  },
}

/** The link is no longer part of what was applied, so its worker here is not wanted any more. */
async function forgetHere(directory: string, name: string): Promise<void> {
  const applied = await readApplied(directory)
  if (applied === null || !Object.hasOwn(applied.links, name)) return
  const links = Object.entries(applied.links).filter(([link]) => link !== name)
  await writeApplied(directory, { ...applied, links: Object.fromEntries(links) })
  const supervisor = findSupervisor(directory)
  if (supervisor !== null) await askFor(supervisor, { kind: 'reconcile' })
}
