import { type FormEvent, useState } from 'react'
import type { AlertRow } from '../../../src/server/api/alerts.ts'
import { useAlertChanges } from '../api/alerts.ts'
import { Dialog } from '../parts/dialog.tsx'
import { minutesOfText } from '../parts/time-text.ts'
import { subjectText } from './alert-words.ts'

/** Asks for how long nobody is to be told of an alert, and why. */
export function SilenceDialog({
  alert,
  onClose,
}: {
  readonly alert: AlertRow
  readonly onClose: () => void
}) {
  const [time, setTime] = useState('1h')
  const [why, setWhy] = useState('')
  const { silence } = useAlertChanges()
  const minutes = minutesOfText(time)
  const canSend = minutes !== null && why.trim() !== '' && !silence.isPending
  const send = (event: FormEvent) => {
    event.preventDefault()
    if (!canSend) return
    const wish = { rule: alert.rule, subject: alert.subject, minutes, why: why.trim() }
    silence.mutate(wish, { onSuccess: onClose })
  }
  return (
    <Dialog label="Silence an alert" onClose={onClose}>
      <form className="form" onSubmit={send}>
        <h2>Tell nobody for a while</h2>
        <p className="soft">
          {alert.title}: {subjectText(alert.subject)}. It goes on to be shown, and what still fires at the end
          is told then.
        </p>
        <Line name="For" hint="a time such as 30m, 2h or 1d" value={time} onChange={setTime} />
        <Line name="Why" hint="what others should know" value={why} onChange={setWhy} />
        {silence.error !== null && <p role="alert">{silence.error.message}</p>}
        <div className="actions">
          <button type="submit" className="button" disabled={!canSend}>
            Silence
          </button>
          <button type="button" className="button" onClick={onClose}>
            Leave it
          </button>
        </div>
      </form>
    </Dialog>
  )
}

type LineProps = {
  readonly name: string
  readonly hint: string
  readonly value: string
  readonly onChange: (text: string) => void
}

function Line({ name, hint, value, onChange }: LineProps) {
  return (
    <label>
      {name}
      <input
        className="field"
        value={value}
        maxLength={WHY_MAX}
        onChange={(event) => onChange(event.target.value)}
      />
      <span className="small soft">{hint}</span>
    </label>
  )
}

const WHY_MAX = 500
