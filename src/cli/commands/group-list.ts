import { describeGroups } from '../../client/admin/describe-groups.ts'
import { listGroups } from '../../client/admin/list-groups.ts'
import type { Cluster } from '../../client/cluster.ts'
import { nameMatcher } from '../../link/names.ts'
import { positionsOf, totalLag } from '../../observe/lag/group-lag.ts'
import { askEach } from '../clusters.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { Exit } from '../exit.ts'
import type { Palette } from '../terminal/color.ts'
import type { Column } from '../terminal/table.ts'
import { printable } from '../terminal/text-width.ts'
import { withClusters } from '../topics.ts'

type GroupRow = {
  readonly cluster: string
  readonly group: string
  readonly type: string
  readonly state: string
  /** null where it could not be read. */
  readonly members: number | null
  readonly topics: number | null
  readonly lag: number | null
}

export const groupList: CommandDefinition<{ readonly cluster?: string }> = {
  description:
    'Lists the consumer groups of all clusters side by side, or of one, with members and lag in records.',
  examples: [
    ['kmc group list', 'groups of every cluster'],
    ["kmc group list 'billing*' --cluster seoul -o json", 'by glob, for programs'],
  ],
  configure: (command) => withClusters(command).argument('[patterns...]', 'names or globs (*, ?)'),
  async run(context, options, patterns) {
    const isWanted = patterns.length > 0 ? nameMatcher(patterns) : () => true
    const answers = await askEach(context, options.cluster, (cluster, signal) =>
      groupsOf(context, cluster, isWanted, signal),
    )
    const rows = answers.flatMap(({ answer }) => answer)
    await context.out.rows(rows, columns(context.out.palette), 'No groups.')
    return Exit.ok
  },
}

async function groupsOf(
  { out }: CommandContext,
  cluster: Cluster,
  isWanted: (name: string) => boolean,
  signal: AbortSignal,
): Promise<GroupRow[]> {
  const { groups, failures } = await listGroups(cluster, { signal })
  for (const { error } of failures) out.problem(error)
  const listed = groups
    .filter(({ groupId }) => isWanted(groupId))
    .sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
  const names = listed.map(({ groupId }) => groupId)
  const [descriptions, positions] = await Promise.all([
    describeGroups(cluster, names, { signal }),
    positionsOf(cluster, names, signal),
  ])
  return listed.map(({ groupId, type, state }, index) => {
    const description = descriptions[index]!
    const place = positions[index]!
    return {
      cluster: cluster.name,
      group: groupId,
      type,
      state,
      members: description.ok ? description.value.members.length : null,
      topics: place.ok ? new Set(place.value.map(({ topic }) => topic)).size : null,
      lag: place.ok ? totalLag(place.value) : null,
    }
  })
}

function columns(palette: Palette): Column<GroupRow>[] {
  return [
    { title: 'cluster', value: ({ cluster }) => cluster },
    { title: 'group', value: ({ group }) => printable(group), shrink: true },
    { title: 'type', value: ({ type }) => type },
    {
      title: 'state',
      value: ({ state }) => state,
      paint: (text, { state }) => (state === 'Stable' ? palette.good(text) : palette.dim(text)),
    },
    { title: 'members', value: ({ members }) => members, align: 'right' },
    { title: 'topics', value: ({ topics }) => topics, align: 'right' },
    { title: 'lag', value: ({ lag }) => lag, align: 'right' },
  ]
}
