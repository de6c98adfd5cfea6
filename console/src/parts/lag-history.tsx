import { useState } from 'react'
import { type LagPlace, useLagHistory } from '../api/history.ts'
import { Failure, Panel } from './basics.tsx'
import { Chart } from './chart.tsx'
import { bytes, duration, shortCount } from './format.ts'
import { type Measure, samplesOf } from './series.ts'

const HOUR_MS = 60 * 60_000
const spans = [
  { name: '1 h', ms: HOUR_MS },
  { name: '6 h', ms: 6 * HOUR_MS },
  { name: '2 d', ms: 48 * HOUR_MS },
  { name: '1 w', ms: 7 * 24 * HOUR_MS },
  { name: '30 d', ms: 30 * 24 * HOUR_MS },
] as const

const measures = {
  records: { name: 'Records', as: shortCount },
  seconds: { name: 'Seconds', as: duration },
  bytes: { name: 'Bytes', as: bytes },
} as const satisfies Record<Measure, { name: string; as: (value: number) => string }>

/** How far a group or a link was behind, by the server's history. */
export function LagHistory({ of }: { readonly of: LagPlace }) {
  const [measure, setMeasure] = useState<Measure>('records')
  const [spanMs, setSpanMs] = useState<number>(HOUR_MS)
  const { data, error } = useLagHistory(of, spanMs)
  const { name, as } = measures[measure]
  const keys = Object.keys(measures) as Measure[]
  const tools = (
    <div className="tools">
      <Chips
        label="Measure"
        all={keys.map((key) => ({ key, name: measures[key].name }))}
        {...{ chosen: measure, onChoose: setMeasure }}
      />
      <Chips
        label="Time"
        all={spans.map(({ name: text, ms }) => ({ key: ms, name: text }))}
        {...{ chosen: spanMs, onChoose: setSpanMs }}
      />
    </div>
  )
  return (
    <Panel flush title="Behind, over time" aside={tools}>
      {data === undefined && error !== null ? (
        <Failure error={error} />
      ) : (
        <Chart
          label={`${name} behind`}
          samples={data === undefined ? [] : samplesOf(data, measure)}
          as={as}
          span={data === undefined ? null : [data.from, data.to]}
        />
      )}
    </Panel>
  )
}

type ChipsProps<Key> = {
  readonly label: string
  readonly all: readonly { readonly key: Key; readonly name: string }[]
  readonly chosen: Key
  readonly onChoose: (key: Key) => void
}

/** A few things of which one is chosen. */
function Chips<Key extends string | number>({ label, all, chosen, onChoose }: ChipsProps<Key>) {
  return (
    <fieldset className="chips" aria-label={label}>
      {all.map(({ key, name }) => (
        <button
          key={key}
          type="button"
          className="chip"
          aria-pressed={key === chosen}
          onClick={() => onChoose(key)}
        >
          {name}
        </button>
      ))}
    </fieldset>
  )
}
