import { Link } from 'wouter'
import type { GroupRow } from '../../../src/server/api/groups.ts'
import { Known, Unknown, When } from '../parts/basics.tsx'
import { shortCount } from '../parts/format.ts'
import type { Column } from '../parts/table.tsx'
import { visible } from '../records/text.ts'
import { paths } from '../shell/paths.ts'
import { ListPage } from './list-page.tsx'
import { SecondsBehind, VerdictBadge } from './looks.tsx'

const columns: readonly Column<GroupRow>[] = [
  {
    ...{ title: 'Group', isName: true, sort: 'name' },
    cell: ({ cluster, group }) => <Link href={paths.group(cluster, group)}>{visible(group)}</Link>,
  },
  {
    ...{ title: 'Cluster', sort: 'cluster' },
    cell: ({ cluster }) => <Link href={paths.cluster(cluster)}>{cluster}</Link>,
  },
  { title: 'Verdict', sort: 'verdict', cell: ({ verdict }) => <VerdictBadge verdict={verdict} /> },
  { title: 'State', cell: ({ state, type }) => `${state}, ${type}` },
  {
    ...{ title: 'Records behind', isNumber: true, sort: 'records' },
    cell: ({ lag }) => (
      <Known value={lag.records} why="the end of a partition was not seen" as={shortCount} />
    ),
  },
  {
    ...{ title: 'Seconds behind', isNumber: true, sort: 'seconds' },
    cell: ({ lag }) => <SecondsBehind lag={lag} />,
  },
  {
    ...{ title: 'Members', isNumber: true },
    cell: ({ members }) => <Known value={members} why="its coordinator was not asked yet" as={String} />,
  },
  {
    ...{ title: 'Last commit', sort: 'commit' },
    cell: ({ lastCommitAt }) =>
      lastCommitAt === null ? <Unknown why="none since the watch began" /> : <When at={lastCommitAt} />,
  },
]

/** Groups of all clusters or of one, those furthest behind first. */
export function GroupList({ cluster }: { readonly cluster: string | null }) {
  return (
    <ListPage
      at="/api/groups"
      what="group"
      cluster={cluster}
      columns={columns}
      keyOf={(row) => `${row.cluster} ${row.group}`}
      first={{ sort: 'records', descending: true }}
    />
  )
}
