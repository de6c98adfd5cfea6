import { describeGroups } from '../../client/admin/describe-groups.ts'
import type { GroupDescription } from '../../client/admin/group-description.ts'
import { listGroups } from '../../client/admin/list-groups.ts'
import type { Cluster } from '../../client/cluster.ts'
import { isKafkaError } from '../../client/errors.ts'
import { unwrap } from '../../client/outcome.ts'
import { nearest } from '../../fleet/file/suggest.ts'
import { type PositionLag, positionsOf } from '../../observe/lag/group-lag.ts'
import { askEach } from '../clusters.ts'
import type { CommandDefinition } from '../command.ts'
import { cliError } from '../errors.ts'
import { Exit } from '../exit.ts'
import type { Output } from '../output.ts'
import { printable } from '../terminal/text-width.ts'
import { withClusters } from '../topics.ts'

type Described = {
  readonly cluster: string
  readonly group: string
  readonly type: string
  readonly state: string
  readonly protocol: string
  readonly coordinator: number
  readonly members: GroupDescription['members']
  readonly offsets: readonly PositionLag[]
}

/** What a cluster without the group says: names of those it has. */
type Absent = { readonly absent: readonly string[] }

export const groupDescribe: CommandDefinition<{ readonly cluster?: string }> = {
  description:
    'Shows a consumer group: state, members with their partitions, and positions with lag in records. Without --cluster, ' +
    'in every cluster that has it, so that both sides of a link stand side by side.',
  examples: [
    ['kmc group describe billing', 'in every cluster that has it'],
    ['kmc group describe billing --cluster seoul -o json', 'for programs: a list with one entry a cluster'],
  ],
  configure: (command) => withClusters(command).argument('<group>'),
  async run(context, options, [name]) {
    const answers = await askEach(context, options.cluster, (cluster, signal) =>
      describe(cluster, name!, signal),
    )
    const found = answers.flatMap(({ answer }) => ('absent' in answer ? [] : [answer]))
    if (found.length === 0) {
      const names = answers.flatMap(({ answer }) => ('absent' in answer ? answer.absent : []))
      throw groupUnknown(
        name!,
        answers.map(({ cluster }) => cluster),
        names,
      )
    }
    await context.out.value(found, () => {
      for (const [index, group] of found.entries()) {
        if (index > 0) context.out.line()
        print(group, context.out)
      }
    })
    return Exit.ok
  },
}

function groupUnknown(group: string, clusters: readonly string[], names: readonly string[]): Error {
  const near = nearest(group, names)
  const message = `No group "${group}" on ${clusters.join(', ')}`
  return cliError('GROUP_UNKNOWN', message, near === null ? {} : { remedy: `Did you mean ${near}?` })
}

async function describe(cluster: Cluster, name: string, signal: AbortSignal): Promise<Described | Absent> {
  const [outcome] = await describeGroups(cluster, [name], { signal })
  if (!outcome!.ok && isKafkaError(outcome!.error, 'GROUP_ID_NOT_FOUND')) {
    const { groups } = await listGroups(cluster, { signal })
    return { absent: groups.map(({ groupId }) => groupId) }
  }
  const { groupId, type, state, protocol, coordinator, members } = unwrap(outcome!)
  const [positions] = await positionsOf(cluster, [name], signal)
  const offsets = unwrap(positions!)
  return { cluster: cluster.name, group: groupId, type, state, protocol, coordinator, members, offsets }
}

function print(
  { cluster, group, type, state, protocol, coordinator, members, offsets }: Described,
  out: Output,
): void {
  out.fields([
    ['group', printable(group)],
    ['cluster', cluster],
    ['state', `${state} (${type}${protocol === '' ? '' : `, ${protocol}`})`],
    ['coordinator', `broker ${coordinator}`],
    ['members', String(members.length)],
  ])
  if (members.length > 0) {
    const rows = out.table(members, [
      { title: 'member', value: ({ memberId }) => printable(memberId), shrink: true },
      { title: 'client', value: ({ clientId }) => printable(clientId), shrink: true },
      { title: 'host', value: ({ clientHost }) => printable(clientHost) },
      { title: 'partitions', value: ({ assignment }) => assignmentText(assignment), shrink: true },
    ])
    for (const line of ['', ...rows]) out.line(line)
  }
  if (offsets.length === 0) return
  const rows = out.table(offsets, [
    { title: 'topic', value: ({ topic }) => printable(topic), shrink: true },
    { title: 'partition', value: ({ partition }) => partition, align: 'right' },
    { title: 'offset', value: ({ offset }) => offset, align: 'right' },
    { title: 'end', value: ({ end }) => end, align: 'right' },
    { title: 'lag', value: ({ lag }) => lag, align: 'right' },
  ])
  for (const line of ['', ...rows]) out.line(line)
}

/** `orders 0,1,2; payments 3`. */
function assignmentText(assignment: GroupDescription['members'][number]['assignment']): string | null {
  if (assignment === null) return null
  return assignment.map(({ topic, partitions }) => `${printable(topic)} ${partitions.join(',')}`).join('; ')
}
