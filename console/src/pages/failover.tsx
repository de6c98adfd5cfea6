import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { AcceptFlag } from '../../../src/failover/plan/refusals.ts'
import type { RouteOverview } from '../../../src/fleet/run/route-overview.ts'
import type { Operation } from '../../../src/server/operations/operation.ts'
import { useChange, useLatestRun, useOperation, useRunning, verbs } from '../api/verbs.ts'
import { Refusal } from '../parts/act-dialog.tsx'
import { Panel, When } from '../parts/basics.tsx'
import { OperationView } from '../parts/operation-view.tsx'
import { Typed } from '../parts/typed.tsx'
import { visible } from '../records/text.ts'
import { paths } from '../shell/paths.ts'
import { PlanView } from './failover-plan.tsx'

/** A move of a route: what runs, what was left unfinished, or what one would mean. */
export function FailoverPanel({ route }: { readonly route: RouteOverview }) {
  const { name } = route
  const client = useQueryClient()
  const [shown, setShown] = useState<string | null>(null)
  const [left, setLeft] = useState<string | null>(null)
  const running = useRunning({ kind: 'route', name })
  // One that ends while it is looked at stays to be read, whoever began it.
  if (running !== null && running.id !== shown && running.id !== left) setShown(running.id)
  const leave = () => {
    setLeft(shown)
    setShown(null)
    for (const key of ['fleet', 'run', 'operations']) void client.invalidateQueries({ queryKey: [key] })
  }
  if (shown !== null) return <Moving id={shown} onLeave={leave} />
  return <Planning route={route} onBegun={({ id }) => setShown(id)} />
}

function Moving({ id, onLeave }: { readonly id: string; readonly onLeave: () => void }) {
  const { data } = useOperation(id)
  const run = (data?.result as { run?: string } | null)?.run
  const over =
    data?.endedAt == null ? null : (
      <div className="tools">
        {run !== undefined && <Link href={paths.receipt(run)}>Its receipt</Link>}
        <button type="button" className="button" onClick={onLeave}>
          Close
        </button>
      </div>
    )
  return (
    <Panel title="Failover" aside={over}>
      <OperationView id={id} result="moved" />
    </Panel>
  )
}

type PlanningProps = { readonly route: RouteOverview; readonly onBegun: (operation: Operation) => void }

function Planning({ route: { name, active }, onBegun }: PlanningProps) {
  const [accept, setAccept] = useState<readonly AcceptFlag[]>([])
  const plan = useChange((flags: readonly AcceptFlag[]) => verbs.plan(name, flags))
  const start = useChange((id: string) => verbs.start(name, id, name))
  const look = (flags: readonly AcceptFlag[]) => {
    setAccept(flags)
    start.reset()
    plan.mutate(flags)
  }
  const made = plan.data
  const isReady = made?.refusals.every(({ passes }) => passes) === true
  const again = (
    <button type="button" className="button" disabled={plan.isPending} onClick={() => look(accept)}>
      {plan.isPending ? 'Asking both clusters …' : made === undefined ? 'Plan a failover' : 'Plan again'}
    </button>
  )
  return (
    <Panel title="Failover" aside={again}>
      <Unfinished name={name} onBegun={onBegun} />
      {made === undefined && (
        <p className="soft">
          The plan says what moving {name} away from {active ?? 'its cluster'} would do and cost now. It
          changes nothing.
        </p>
      )}
      {plan.error !== null && <Refusal error={plan.error} />}
      {made !== undefined && <PlanView plan={made} accept={accept} onAccept={look} />}
      {made !== undefined && isReady && (
        <Typed
          word={name}
          button={`Move ${name} to ${made.to}`}
          isPending={start.isPending}
          onTyped={() => start.mutate(made.id, { onSuccess: onBegun })}
        />
      )}
      {start.error !== null && <Refusal error={start.error} />}
    </Panel>
  )
}

/** Somebody's move of the route that did not come to its end, and that nobody works on here. */
function Unfinished({ name, onBegun }: { readonly name: string } & Pick<PlanningProps, 'onBegun'>) {
  const run = useLatestRun(name).data?.run ?? null
  const goOn = useChange(() => verbs.goOn(name, name))
  if (run === null || run.state === 'done' || run.state === 'undone') return null
  const { kind, step, at, runner } = run
  return (
    <div className="banner" data-tone="warn">
      <div>
        <p>
          A {kind} of {name} was begun by {visible(runner.user)} and is at step{' '}
          <strong>{visible(step)}</strong>, last heard of <When at={at} />.
        </p>
        <Typed
          word={name}
          button="Go on with it"
          isPending={goOn.isPending}
          onTyped={() => goOn.mutate(null, { onSuccess: onBegun })}
        />
        {goOn.error !== null && <Refusal error={goOn.error} />}
      </div>
    </div>
  )
}
