import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useDeferredValue, useState } from 'react'
import type { AuditPage as Entries } from '../../../src/server/api/audit.ts'
import { ask } from '../api/http.ts'
import { Badge, Empty, Failure, Panel, When } from '../parts/basics.tsx'
import { counted } from '../parts/format.ts'
import { type Column, Table } from '../parts/table.tsx'
import type { Tone } from '../parts/tone.ts'
import { visible } from '../records/text.ts'

type Entry = Entries['entries'][number]

const POLL_MS = 10_000
const HOUR_MS = 3_600_000
const spans = { 'any time': null, 'the last hour': HOUR_MS, 'the last day': 24 * HOUR_MS } as const
const tones: Readonly<Record<Entry['result'], Tone>> = {
  ...{ done: 'good', failed: 'bad', refused: 'warn', open: 'busy' },
}

const columns: readonly Column<Entry>[] = [
  { title: 'When', cell: ({ at }) => <When at={at} /> },
  { title: 'Who', isName: true, cell: ({ who, address }) => <span title={address}>{visible(who)}</span> },
  { title: 'What', cell: ({ action }) => <code>{action}</code> },
  {
    title: 'On',
    cell: ({ on }) =>
      Object.entries(on)
        .map(([kind, name]) => `${kind} ${visible(name)}`)
        .join(', '),
  },
  { title: 'Came of it', cell: ({ result }) => <Badge state={result} tone={tones[result]} /> },
  { title: 'More', cell: (entry) => <More entry={entry} /> },
]

function More({ entry: { before, after, error } }: { readonly entry: Entry }) {
  if (before === null && after === null && error === null) return null
  return (
    <details>
      <summary className="small soft">{error === null ? 'before and after' : visible(error.message)}</summary>
      <div className="evidence">{visible(JSON.stringify({ before, after, error }, null, 2))}</div>
    </details>
  )
}

type Filter = {
  readonly who: string
  readonly action: string
  readonly resource: string
  readonly span: string
}

/** Every change that was asked for through a server of the fleet, refused ones too. */
export function AuditPage() {
  const [filter, setFilter] = useState<Filter>({ who: '', action: '', resource: '', span: 'any time' })
  const wanted = useDeferredValue(filter)
  const { data, error } = useQuery({
    queryKey: ['audit', wanted],
    queryFn: ({ signal }) => ask<Entries>(`/api/audit?${queryOf(wanted)}`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: POLL_MS,
  })
  if (data === undefined) return error === null ? <Empty title="Asking …" /> : <Failure error={error} />
  return (
    <>
      <h1>Audit</h1>
      {data.missing.map(({ cluster, why }) => (
        <p key={cluster} className="soft">
          What {cluster} keeps may be older than shown: {visible(why)}
        </p>
      ))}
      <Panel
        flush
        title={`${counted(data.entries.length, 'change')}${data.next === null ? '' : ', and older'}`}
        aside={<Filters filter={filter} onFilter={setFilter} />}
      >
        <Table
          label="Changes"
          rows={data.entries}
          columns={columns}
          keyOf={({ id }) => id}
          empty="No change was asked for that is as you say"
        />
      </Panel>
    </>
  )
}

const fields = { who: 'Who', action: 'What, such as mirror.', resource: 'On' } as const

type FiltersProps = { readonly filter: Filter; readonly onFilter: (filter: Filter) => void }

function Filters({ filter, onFilter }: FiltersProps) {
  return (
    <div className="tools">
      {(['who', 'action', 'resource'] as const).map((name) => (
        <input
          key={name}
          className="field"
          type="search"
          aria-label={fields[name]}
          placeholder={fields[name]}
          value={filter[name]}
          onChange={(event) => onFilter({ ...filter, [name]: event.target.value })}
        />
      ))}
      <select
        className="field"
        aria-label="When"
        value={filter.span}
        onChange={(event) => onFilter({ ...filter, span: event.target.value })}
      >
        {Object.keys(spans).map((span) => (
          <option key={span}>{span}</option>
        ))}
      </select>
    </div>
  )
}

function queryOf({ who, action, resource, span }: Filter): URLSearchParams {
  const ms = spans[span as keyof typeof spans]
  const given = { who: who.trim(), action: action.trim(), resource: resource.trim() }
  const told = Object.entries(given).filter(([, text]) => text !== '')
  const from = ms === null ? [] : [['from', String(Date.now() - ms)]]
  return new URLSearchParams([...told, ...from, ['limit', '200']])
}
