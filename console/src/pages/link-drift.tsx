import type { LinkDifference } from '../../../src/server/api/drift.ts'
import { useDrift } from '../api/looks.ts'
import { Badge, Failure, Panel } from '../parts/basics.tsx'
import { counted } from '../parts/format.ts'
import { type Column, Table } from '../parts/table.tsx'
import { visible } from '../records/text.ts'
import { LookAge } from './looks.tsx'

const tones = { blocks: 'bad', warning: 'warn', note: 'idle' } as const

const columns: readonly Column<LinkDifference>[] = [
  {
    title: 'Severity',
    cell: ({ severity }) => <Badge state={severity} tone={tones[severity]} />,
  },
  { title: 'Of', by: ({ kind }) => kind, cell: ({ kind }) => kind },
  {
    title: 'What differs',
    isName: true,
    by: ({ what }) => what,
    cell: ({ what, remedy }) => (
      <>
        {visible(what)}
        {remedy !== null && <p className="small soft">{visible(remedy)}</p>}
      </>
    ),
  },
]

/** What applications would find different if they moved along a link now. */
export function LinkDrift({ link }: { readonly link: string }) {
  const { data, error } = useDrift(link)
  if (data === undefined) return error === null ? null : <Failure error={error} />
  const { differences, age } = data
  const title = differences === null ? 'Differences' : counted(differences.length, 'difference')
  return (
    <Panel flush title={title} aside={<LookAge age={age} />}>
      <Table
        label="Differences"
        rows={differences ?? []}
        columns={columns}
        keyOf={({ kind, subject, what }) => `${kind} ${subject} ${what}`}
        empty={differences === null ? 'The two sides were not compared yet' : 'Both sides are alike'}
      />
    </Panel>
  )
}
