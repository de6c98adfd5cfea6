import { Link } from 'wouter'
import type { GroupDetail } from '../../../src/server/api/groups.ts'
import { type GroupPartition, useGroup } from '../api/looks.ts'
import { Empty, Fact, Failure, Known, Panel, Unknown, When } from '../parts/basics.tsx'
import { count, shortCount } from '../parts/format.ts'
import { LagHistory } from '../parts/lag-history.tsx'
import { type Column, Table } from '../parts/table.tsx'
import { visible } from '../records/text.ts'
import { paths } from '../shell/paths.ts'
import { LookAge, SecondsBehind, VerdictBadge } from './looks.tsx'

const notSeen = 'the end of a partition was not seen'

/** How far a group is behind, partition by partition, and who reads. */
export function GroupPage({ cluster, group }: { readonly cluster: string; readonly group: string }) {
  const { data, error } = useGroup(cluster, group)
  if (data === undefined) return error === null ? <Empty title="Asking …" /> : <Failure error={error} />
  return (
    <>
      <div className="page-head">
        <h1>{visible(group)}</h1> <VerdictBadge verdict={data.verdict} />
        <span className="soft">
          {data.state}, {data.type}, in <Link href={paths.cluster(cluster)}>{cluster}</Link>
        </span>
        <span className="grow" />
        <LookAge age={data.age} />
      </div>
      <Figures group={data} />
      <LagHistory of={{ cluster, group }} />
      <Panel flush title="By partition">
        <Table
          label="Positions"
          rows={data.partitions}
          columns={columnsOf(cluster)}
          keyOf={({ topic, partition }) => `${topic} ${partition}`}
          empty="The group has no positions"
        />
      </Panel>
    </>
  )
}

function Figures({ group }: { readonly group: GroupDetail }) {
  return (
    <dl className="facts">
      <Fact name="Records behind">
        <Known value={group.lag.records} why={notSeen} as={shortCount} />
      </Fact>
      <Fact name="Seconds behind">
        <SecondsBehind lag={group.lag} />
      </Fact>
      <Fact name="Members">
        <Known value={group.members} why="its coordinator was not asked yet" as={String} />
      </Fact>
      <Fact name="Last commit">
        {group.lastCommitAt === null ? (
          <Unknown why="none since the watch began" />
        ) : (
          <When at={group.lastCommitAt} />
        )}
      </Fact>
    </dl>
  )
}

function columnsOf(cluster: string): readonly Column<GroupPartition>[] {
  return [
    {
      ...{ title: 'Topic', isName: true, by: ({ topic }) => topic },
      cell: ({ topic }) => <Link href={paths.topic(cluster, topic)}>{topic}</Link>,
    },
    {
      title: 'Partition',
      isNumber: true,
      by: ({ partition }) => partition,
      cell: ({ partition }) => partition,
    },
    {
      title: 'Verdict',
      by: ({ verdict }) => verdict,
      cell: ({ verdict }) => <VerdictBadge verdict={verdict} />,
    },
    {
      ...{ title: 'Position', isNumber: true, by: ({ position }) => position },
      cell: ({ position }) => <Known value={position} why="it has not committed here" as={count} />,
    },
    {
      ...{ title: 'Ends at', isNumber: true, by: ({ end }) => end },
      cell: ({ end }) => <Known value={end} why={notSeen} as={count} />,
    },
    {
      ...{ title: 'Behind', isNumber: true, by: ({ lag }) => lag.records },
      cell: ({ lag }) => <Known value={lag.records} why={notSeen} as={count} />,
    },
    {
      title: 'Seconds',
      isNumber: true,
      by: ({ lag }) => lag.seconds,
      cell: ({ lag }) => <SecondsBehind lag={lag} />,
    },
    {
      ...{ title: 'Read by', by: ({ owner }) => owner?.clientId ?? null },
      cell: ({ owner }) => (owner === null ? <span className="soft">nobody</span> : visible(owner.clientId)),
    },
  ]
}
