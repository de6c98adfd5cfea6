import { type FormEvent, useState } from 'react'
import type { Question } from './api.ts'

const starts = [
  { kind: 'newest', text: 'Newest first' },
  { kind: 'oldest', text: 'Oldest first' },
  { kind: 'offset', text: 'From an offset' },
  { kind: 'time', text: 'From a time' },
  { kind: 'tail', text: 'As they are written' },
] as const

type Kind = (typeof starts)[number]['kind']

type FormProps = { readonly onAsk: (question: Question) => void; readonly isBusy: boolean }

/** Where to begin, in which partitions, and which records to show. */
export function QuestionForm({ onAsk, isBusy }: FormProps) {
  const [kind, setKind] = useState<Kind>('newest')
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault()
    onAsk(questionOf(kind, new FormData(event.currentTarget)))
  }
  return (
    <form className="question" onSubmit={onSubmit}>
      <select
        className="field"
        aria-label="Where to begin"
        value={kind}
        onChange={(event) => setKind(event.target.value as Kind)}
      >
        {starts.map((start) => (
          <option key={start.kind} value={start.kind}>
            {start.text}
          </option>
        ))}
      </select>
      <Start kind={kind} />
      <input
        className="field short"
        name="partitions"
        pattern="\d+(,\d+)*"
        placeholder="All partitions"
        aria-label="Partitions, with commas between"
        title="Numbers with commas between; all when empty"
      />
      <input
        className="field wide mono"
        name="filter"
        placeholder={'Filter, as value.status == "paid" && key startsWith "kr-"'}
        aria-label="Filter"
        spellCheck={false}
        autoComplete="off"
      />
      <button type="submit" className="button" data-kind="main" disabled={isBusy}>
        {kind === 'tail' ? 'Follow' : 'Show'}
      </button>
    </form>
  )
}

/** What a way to begin has to be told. */
function Start({ kind }: { readonly kind: Kind }) {
  if (kind === 'time') {
    return <input className="field" name="time" type="datetime-local" step="1" required aria-label="Time" />
  }
  if (kind !== 'offset') return null
  return (
    <input
      className="field short"
      name="offset"
      inputMode="numeric"
      pattern="\d{1,16}"
      required
      placeholder="Offset"
      aria-label="Offset"
    />
  )
}

function questionOf(kind: Kind, form: FormData): Question {
  const word = (name: string): string => String(form.get(name) ?? '').trim()
  const from =
    kind === 'offset' ? word('offset') : kind === 'time' ? `@${new Date(word('time')).getTime()}` : ''
  return {
    ...{ from, partitions: word('partitions'), filter: word('filter') },
    order: kind === 'newest' || kind === 'tail' ? 'newest' : 'oldest',
    isTail: kind === 'tail',
  }
}
