import { type FormEvent, useState } from 'react'

type TypedProps = {
  readonly word: string
  readonly button: string
  readonly isPending: boolean
  readonly onTyped: () => void
}

/** A button for what cannot be undone: it waits for the name of what it is about. */
export function Typed({ word, button, isPending, onTyped }: TypedProps) {
  const [text, setText] = useState('')
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    onTyped()
  }
  return (
    <form className="typed" onSubmit={onSubmit}>
      <label>
        Type <code>{word}</code> to go on{' '}
        <input
          className="field"
          value={text}
          autoComplete="off"
          onChange={(event) => setText(event.target.value)}
        />
      </label>
      <button type="submit" className="button" data-kind="danger" disabled={text !== word || isPending}>
        {isPending ? 'Asking …' : button}
      </button>
    </form>
  )
}
