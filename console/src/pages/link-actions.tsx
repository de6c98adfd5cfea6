import { useState } from 'react'
import type { LinkOverview } from '../../../src/fleet/run/fleet-status.ts'
import { useChange, useRunning, verbs } from '../api/verbs.ts'
import { ActDialog, Refusal } from '../parts/act-dialog.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { OperationView } from '../parts/operation-view.tsx'

/** Pausing and resuming a link at once; turning it round after a typed word. */
export function LinkActions({ link }: { readonly link: LinkOverview }) {
  const [isTurning, setTurning] = useState(false)
  const { name, state } = link
  const verb = state === 'paused' ? 'resume' : 'pause'
  const change = useChange(() => verbs.link(name, verb))
  const running = useRunning({ kind: 'link', name })
  const [isShown, setShown] = useState(false)
  return (
    <div className="tools">
      {running !== null && (
        <button type="button" className="chip" onClick={() => setShown(true)}>
          {running.action} runs
        </button>
      )}
      <button
        type="button"
        className="button"
        disabled={change.isPending}
        onClick={() => change.mutate(null)}
      >
        {verb === 'pause' ? 'Pause' : 'Resume'}
      </button>
      <button type="button" className="button" onClick={() => setTurning(true)}>
        Reverse …
      </button>
      {change.error !== null && <Refusal error={change.error} />}
      {isShown && running !== null && (
        <Dialog label={running.action} onClose={() => setShown(false)}>
          <div className="body">
            <h2>{running.action}</h2>
            <OperationView id={running.id} />
          </div>
        </Dialog>
      )}
      {isTurning && <Turning link={link} onClose={() => setTurning(false)} />}
    </div>
  )
}

function Turning({
  link: { name, from, to },
  onClose,
}: {
  readonly link: LinkOverview
  readonly onClose: () => void
}) {
  return (
    <ActDialog
      title={`Reverse ${name}`}
      button="Reverse"
      word={name}
      isReady
      start={() => verbs.reverse(name, name)}
      onClose={onClose}
    >
      <p>
        The mirrors on {to} become topics of their own, once both sides are equal. From then on {name} runs
        from {to} to {from}. Stop those who write at {from} first: what is written there afterwards is
        stranded.
      </p>
    </ActDialog>
  )
}
