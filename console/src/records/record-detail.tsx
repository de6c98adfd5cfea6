import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { ShownField, ShownRecord } from '../../../src/observe/records/shown.ts'
import { ask } from '../api/http.ts'
import { count, instant } from '../parts/format.ts'
import { recordPath } from './api.ts'
import { FieldView } from './field.tsx'
import { oneLine, visible } from './text.ts'

type DetailProps = { readonly cluster: string; readonly topic: string; readonly record: ShownRecord }

/** A record whole: its key and value in each form, its headers, and ways to take it along. */
export function RecordDetail({ cluster, topic, record }: DetailProps) {
  const at = recordPath(cluster, topic, record)
  const [isWhole, setIsWhole] = useState(false)
  const whole = useQuery({
    queryKey: ['record', at],
    queryFn: ({ signal }) => ask<ShownRecord>(at, { signal }),
    enabled: isWhole,
    gcTime: 0,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const shown = whole.data ?? record
  return (
    <div className="record-detail">
      <div className="tools">
        <span className="soft small">
          {topic}, partition {record.partition}, offset {count(record.offset)}, {instant(record.timestamp)}
        </span>
        <CopyButton record={shown} />
        <a className="button" href={`${at}/value`} download>
          Download the value
        </a>
        {isCut(record) && (
          <button type="button" className="button" disabled={isWhole} onClick={() => setIsWhole(true)}>
            {whole.isFetching ? 'Asking …' : 'Show it whole'}
          </button>
        )}
        {whole.error !== null && <span className="soft">{whole.error.message}</span>}
      </div>
      <FieldView name="Key" field={shown.key} />
      <FieldView name="Value" field={shown.value} />
      {shown.headers.length > 0 && (
        <div>
          <h3>Headers</h3>
          <dl className="pairs mono">
            {shown.headers.map(({ name, value }, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: headers may have a name twice, and keep their order
              <Header key={index} name={name} value={value} />
            ))}
          </dl>
        </div>
      )}
    </div>
  )
}

function Header({ name, value }: { readonly name: string; readonly value: ShownField }) {
  return (
    <>
      <dt>{visible(name)}</dt>
      <dd>{oneLine(value, 2_000)}</dd>
    </>
  )
}

function isCut({ key, value, headers }: ShownRecord): boolean {
  return [key, value, ...headers.map((header) => header.value)].some(
    (field) => field.type !== 'null' && field.isCut,
  )
}

function CopyButton({ record }: { readonly record: ShownRecord }) {
  const [said, setSaid] = useState('Copy as JSON')
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(JSON.stringify(record, null, 2))
      setSaid('Copied')
    } catch {
      setSaid('The browser does not allow it')
    }
  }
  return (
    <button type="button" className="button" onClick={() => void copy()}>
      {said}
    </button>
  )
}
