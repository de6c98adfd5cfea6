import type { Operation, OperationStep } from '../../../src/server/operations/operation.ts'
import { useOperation } from '../api/verbs.ts'
import { visible } from '../records/text.ts'
import { Badge, Failure } from './basics.tsx'
import { duration } from './format.ts'
import { useNow } from './now.ts'
import type { Tone } from './tone.ts'

/** An operation from its beginning to its end, live. */
export function OperationView({ id, result }: { readonly id: string; readonly result?: string }) {
  const { data, error } = useOperation(id)
  if (data === undefined) return error === null ? <p role="status">Asking …</p> : <Failure error={error} />
  return (
    <div className="operation">
      <Outcome operation={data} done={result ?? 'Done'} />
      {data.steps.length > 0 && (
        <ol className="steps" aria-label="Steps">
          {data.steps.map((step) => (
            <Step key={step.name} step={step} />
          ))}
        </ol>
      )}
      {data.notes.map((note) => (
        <p key={note} className="soft small">
          {visible(note)}
        </p>
      ))}
    </div>
  )
}

function Outcome({
  operation: { state, error },
  done,
}: {
  readonly operation: Operation
  readonly done: string
}) {
  if (error !== null) {
    return (
      <div className="banner" data-tone="bad" role="alert">
        {visible(error.message)} <code className="soft">{error.code}</code>
        {error.remedy !== null && <p className="remedy">{visible(error.remedy)}</p>}
      </div>
    )
  }
  return (
    <p role="status">
      <Badge state={state === 'done' ? done : 'running'} tone={state === 'done' ? 'good' : 'busy'} />
      {state === 'running' && <span className="soft"> It goes on when you leave this page.</span>}
    </p>
  )
}

const tones: Readonly<Record<OperationStep['state'], Tone>> = {
  ...{ waiting: 'idle', running: 'busy', done: 'good', failed: 'bad' },
}

function Step({ step: { name, state, note, startedAt, endedAt } }: { readonly step: OperationStep }) {
  return (
    <li data-state={state} aria-current={state === 'running' ? 'step' : undefined}>
      <span className="dot" data-tone={tones[state]} />
      <strong>{visible(name)}</strong>
      <span className="soft grow">{note !== null && visible(note)}</span>
      <span className="number small">{startedAt !== null && <Took from={startedAt} to={endedAt} />}</span>
      <span className="hidden-text">{state}</span>
    </li>
  )
}

function Took({ from, to }: { readonly from: number; readonly to: number | null }) {
  const now = useNow()
  const ms = Math.max(0, (to ?? now) - from)
  return <>{ms < 1_000 ? `${ms} ms` : duration(ms / 1_000)}</>
}
