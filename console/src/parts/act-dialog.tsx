import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, type ReactNode, useState } from 'react'
import type { Operation } from '../../../src/server/operations/operation.ts'
import { ApiError } from '../api/http.ts'
import { Dialog } from './dialog.tsx'
import { OperationView } from './operation-view.tsx'

type ActProps = {
  readonly title: string
  readonly button: string
  /** What it would do. */
  readonly children: ReactNode
  /** What has to be typed before, for what cannot be undone; null where everything can. */
  readonly word: string | null
  /** Whether nothing stands in the way. */
  readonly isReady: boolean
  readonly start: () => Promise<Operation>
  readonly onClose: () => void
}

/** First what it would do, then the name where it cannot be undone, then how far it is. */
export function ActDialog({ title, button, children, word, isReady, start, onClose }: ActProps) {
  const client = useQueryClient()
  const [typed, setTyped] = useState('')
  const begin = useMutation({
    mutationFn: start,
    onSettled: () => client.invalidateQueries({ queryKey: ['operations'] }),
  })
  const close = () => {
    void client.invalidateQueries({ queryKey: ['fleet'] })
    onClose()
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    begin.mutate()
  }
  const isMeant = word === null || typed === word
  return (
    <Dialog label={title} className="act" onClose={close}>
      <form onSubmit={onSubmit}>
        <h2>{title}</h2>
        {begin.data === undefined ? children : <OperationView id={begin.data.id} />}
        {begin.error !== null && <Refusal error={begin.error} />}
        {begin.data === undefined && word !== null && isReady && (
          <WordField word={word} typed={typed} onType={setTyped} />
        )}
        <div className="actions">
          <button type="button" className="button" onClick={close}>
            {begin.data === undefined ? 'Cancel' : 'Close'}
          </button>
          {begin.data === undefined && (
            <button
              type="submit"
              className="button"
              data-kind={word === null ? 'main' : 'danger'}
              disabled={!isReady || !isMeant || begin.isPending}
            >
              {begin.isPending ? 'Asking …' : button}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  )
}

type WordProps = { readonly word: string; readonly typed: string; readonly onType: (text: string) => void }

function WordField({ word, typed, onType }: WordProps) {
  return (
    <label>
      <span>
        This cannot be undone. Type <code>{word}</code> to go on
      </span>
      <input
        className="field"
        value={typed}
        autoComplete="off"
        onChange={(event) => onType(event.target.value)}
      />
    </label>
  )
}

export function Refusal({ error }: { readonly error: Error }) {
  const remedy = error instanceof ApiError ? error.remedy : null
  return (
    <div className="banner" data-tone="bad" role="alert">
      {error.message}
      {remedy !== null && <p className="remedy">{remedy}</p>}
    </div>
  )
}
