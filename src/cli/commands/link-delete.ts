import type { ClusterConfig } from '../../client/config.ts'
import { accessTo } from '../../fleet/apply/bring-up.ts'
import { knownLink } from '../../fleet/apply/known-link.ts'
import { forgetDirection, forgetLink, mirrorsOf } from '../../fleet/apply/link-state.ts'
import { readApplied, writeApplied } from '../../fleet/file/applied.ts'
import { linkError } from '../../link/errors.ts'
import { isReleased } from '../../link/mirrors/life.ts'
import { askFor } from '../../server/control-client.ts'
import { findSupervisor } from '../../server/find-supervisor.ts'
import type { CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import { confirm } from '../terminal/confirm.ts'

type DeleteOptions = { readonly yes?: true; readonly keepMirrors?: true; readonly force?: true }

export const linkDelete: CommandDefinition<DeleteOptions> = {
  description:
    'Ends a link: its worker stops, wherever it runs, and its mirrors become ordinary topics that anybody may write to. ' +
    'No record is deleted. While it keeps mirrors that were not promoted or failed over it is refused: --keep-mirrors ' +
    'leaves them as they are, with what has arrived (--force is the same). A link that still stands in the fleet file is made again by the next kmc apply or up.',
  examples: [
    ['kmc link delete dr', 'asks first; refused while there are mirrors'],
    ['kmc link delete dr --keep-mirrors --yes', 'mirrors stay as they are; does not ask'],
  ],
  configure: (command) =>
    command
      .argument('<link>', 'a link of the fleet file')
      .option('--keep-mirrors', 'its mirrors stay as ordinary topics, with what has arrived')
      .option('--force', 'the same as --keep-mirrors')
      .option('-y, --yes', 'do not ask'),
  async run(context, options, [name]) {
    const { loaded, link, declared } = await knownLink(context.fleetPath, name!)
    const access = await accessTo(loaded, link.to)
    const keeps = options.keepMirrors === true || options.force === true
    if (!keeps) await refuseLiveMirrors(access, link.name)
    const warning = `This ends the link ${link.name} (${link.from} → ${link.to}); its mirrors stay as ordinary topics`
    await confirm(context, { warning, word: link.name, yes: options.yes === true })
    await forgetLink(access, link.name)
    const silent = await forgetDirection([access, await accessTo(loaded, link.from)], link.name)
    await forgetHere(loaded.directory, link.name)
    await context.out.value({ link: link.name, deleted: true, declared }, () => {
      context.out.line(`link ${link.name}: deleted`)
      for (const cluster of silent) {
        context.out.note(`${cluster} does not answer: a link of this name will run as the old one did there`)
      }
      if (declared) {
        context.out.note(
          `it still stands in ${loaded.file}: take it out there, or the next apply makes it again`,
        )
      }
    })
    return Exit.ok
  },
}

/** A mirror that nobody let go would stop without a word about what is missing. */
async function refuseLiveMirrors(destination: ClusterConfig, name: string): Promise<void> {
  const live = (await mirrorsOf(destination, name)).filter(({ state }) => !isReleased(state))
  if (live.length === 0) return
  const names = live.map(({ mirror }) => mirror)
  const shown =
    names.length > 5 ? `${names.slice(0, 5).join(', ')} and ${names.length - 5} more` : names.join(', ')
  const count = live.length === 1 ? 'a mirror' : `${live.length} mirrors`
  throw linkError('LINK_HAS_MIRRORS', `link ${name} still keeps ${count}: ${shown}`, {
    context: { link: name, mirrors: names },
  })
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
