import { knownLink } from '../../fleet/apply/known-link.ts'
import { linkAsItRuns } from '../../fleet/apply/link-as-it-runs.ts'
import { openFleet } from '../../fleet/apply/open-fleet.ts'
import { linkSpec } from '../../fleet/file/access.ts'
import type { LinkDeclaration, LoadedFleet } from '../../fleet/file/fleet.ts'
import { clusterConfig } from '../../fleet/run/resolve-clusters.ts'
import { explainGroupOf } from '../../link/explain-group.ts'
import type { GroupExplanation } from '../../link/groups/explain.ts'
import type { CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { Exit } from '../exit.ts'
import type { Output } from '../output.ts'
import { printable } from '../terminal/text-width.ts'

export const groupExplain: CommandDefinition<{ readonly link?: string }> = {
  description:
    'Says in plain words why the positions of a group are in step at the destination of a link, or why not, as a whole ' +
    'and for each partition. Without --link, for every link of the fleet. Reads both clusters and writes nothing.',
  examples: [
    ['kmc group explain billing', 'for every link'],
    ['kmc group explain billing --link dr -o json', 'for programs: a list with one entry a link'],
  ],
  configure: (command) => command.argument('<group>').option('--link <name>', 'only this link'),
  async run(context, { link: only }, [group]) {
    const loaded = await openFleet(context.fleetPath)
    const links =
      only === undefined
        ? Object.values(loaded.fleet.links)
        : [(await knownLink(context.fleetPath, only)).link]
    if (links.length === 0) throw usageError('the fleet file has no links')
    const explained = await Promise.all(links.map((link) => explain(loaded, link, group!)))
    await context.out.value(explained, () => {
      for (const [index, one] of explained.entries()) {
        if (index > 0) context.out.line()
        print(one, context.out)
      }
    })
    return Exit.ok
  },
}

async function explain(loaded: LoadedFleet, link: LinkDeclaration, group: string): Promise<GroupExplanation> {
  const access = (cluster: string) => clusterConfig(loaded.fleet.clusters[cluster]!, loaded.directory)
  const running = await linkAsItRuns(loaded, link)
  const [source, destination] = await Promise.all([access(running.from), access(running.to)])
  return await explainGroupOf(linkSpec(running, source, destination), group)
}

function print({ group, link, reason, words, partitions }: GroupExplanation, out: Output): void {
  out.fields([
    ['group', printable(group)],
    ['link', link],
    ['verdict', `${reason}: ${printable(words)}`],
  ])
  if (partitions.length === 0) return
  const rows = out.table(partitions, [
    { title: 'topic', value: ({ topic }) => printable(topic), shrink: true },
    { title: 'partition', value: ({ partition }) => partition, align: 'right' },
    { title: 'source', value: ({ source }) => source, align: 'right' },
    { title: 'destination', value: ({ destination }) => destination, align: 'right' },
    { title: 'why', value: (one) => `${one.reason}: ${printable(one.words)}`, shrink: true },
  ])
  for (const line of ['', ...rows]) out.line(line)
}
