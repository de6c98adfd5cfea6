import { useState } from 'react'
import type { ShownRecord } from '../../../src/observe/records/shown.ts'
import { bytes, count, instant } from '../parts/format.ts'
import { RecordDetail } from './record-detail.tsx'
import { oneLine } from './text.ts'

type RowsProps = {
  readonly cluster: string
  readonly topic: string
  readonly records: readonly ShownRecord[]
}

const idOf = ({ partition, offset }: ShownRecord): string => `${partition} ${offset}`

export function RecordRows({ cluster, topic, records }: RowsProps) {
  const [open, setOpen] = useState<string | null>(null)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls must be reachable by keyboard
    <section className="table records" tabIndex={0} aria-label="Records">
      <table>
        <thead>
          <tr>
            <th className="number">Partition</th>
            <th className="number">Offset</th>
            <th>Time</th>
            <th>Key</th>
            <th>Value</th>
            <th className="number">Size</th>
          </tr>
        </thead>
        <tbody>
          {records.map((record) => {
            const id = idOf(record)
            const toggle = () => setOpen(open === id ? null : id)
            return <Row key={id} {...{ cluster, topic, record, toggle }} isOpen={open === id} />
          })}
        </tbody>
      </table>
    </section>
  )
}

type RowProps = Omit<RowsProps, 'records'> & {
  readonly record: ShownRecord
  readonly isOpen: boolean
  readonly toggle: () => void
}

function Row({ cluster, topic, record, isOpen, toggle }: RowProps) {
  return (
    <>
      <tr className="record" onClick={toggle}>
        <td className="number">{record.partition}</td>
        <td className="number">
          <button
            type="button"
            className="plain"
            aria-expanded={isOpen}
            onClick={(event) => {
              event.stopPropagation()
              toggle()
            }}
          >
            {count(record.offset)}
          </button>
        </td>
        <td className="time">{instant(record.timestamp)}</td>
        <td className="one-line" data-type={record.key.type}>
          {oneLine(record.key, 80)}
        </td>
        <td className="one-line value" data-type={record.value.type}>
          {oneLine(record.value)}
        </td>
        <td className="number soft">{bytes(record.sizeBytes)}</td>
      </tr>
      {isOpen && (
        <tr className="detail">
          <td colSpan={6}>
            <RecordDetail {...{ cluster, topic, record }} />
          </td>
        </tr>
      )}
    </>
  )
}
