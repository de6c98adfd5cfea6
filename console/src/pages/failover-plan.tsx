import type { Amount, FailoverPlan, FailoverRefusal } from '../../../src/failover/plan/plan.ts'
import type { AcceptFlag } from '../../../src/failover/plan/refusals.ts'
import { Fact, Known } from '../parts/basics.tsx'
import { bytes, count, counted, duration } from '../parts/format.ts'
import { visible } from '../records/text.ts'

type PlanProps = {
  readonly plan: FailoverPlan
  readonly accept: readonly AcceptFlag[]
  readonly onAccept: (accept: readonly AcceptFlag[]) => void
}

const notSeen = 'an end of a log was never seen'

/** What a failover would mean now: its cost first, then what speaks against it, then the steps. */
export function PlanView({ plan, accept, onAccept }: PlanProps) {
  const { kind, from, to, lost, drained, heldMs, expectedMs, refusals, overridden, fromTrouble } = plan
  return (
    <div className="plan">
      <p>
        A <strong>{kind}</strong> from <strong>{from}</strong> to <strong>{to}</strong>
        {kind === 'switchover' ? ': nothing is lost.' : ', without asking the cluster that is left.'}
      </p>
      {fromTrouble !== null && <p className="soft">{visible(fromTrouble)}</p>}
      <dl className="facts">
        <Fact name="Lost, records">
          <Cost amount={lost} />
        </Fact>
        <Fact name="Copied before, records">
          <Cost amount={drained} />
        </Fact>
        <Fact name="Writers wait">{duration(heldMs / 1_000)}</Fact>
        <Fact name="In all">{duration(expectedMs / 1_000)}</Fact>
        <Fact name="Topics, groups">
          {plan.topics.length} <small>and {plan.groups.length}</small>
        </Fact>
      </dl>
      {[...refusals, ...overridden].map((refusal) => (
        <RefusalNote
          key={`${refusal.code} ${refusal.subjects.join(' ')}`}
          refusal={refusal}
          isAccepted={refusal.flag !== null && accept.includes(refusal.flag)}
          onAccept={(flag, is) => onAccept(is ? [...accept, flag] : accept.filter((one) => one !== flag))}
        />
      ))}
      <Attention plan={plan} />
      <Steps plan={plan} />
    </div>
  )
}

function Cost({ amount: { records, bytes: size } }: { readonly amount: Amount }) {
  return (
    <>
      <Known value={records} why={notSeen} as={count} />{' '}
      {size !== null && size > 0 && <small>about {bytes(size)}</small>}
    </>
  )
}

type RefusalProps = {
  readonly refusal: FailoverRefusal
  readonly isAccepted: boolean
  readonly onAccept: (flag: AcceptFlag, is: boolean) => void
}

function RefusalNote({ refusal: { what, why, remedy, flag, passes }, isAccepted, onAccept }: RefusalProps) {
  return (
    <div className="trouble">
      <span className="dot" data-tone={isAccepted || passes ? 'warn' : 'bad'} />
      <div>
        <p>
          {visible(what)}. <span className="soft">{why}</span>
        </p>
        <p className="remedy">{passes ? 'It goes away by itself, and is waited for.' : visible(remedy)}</p>
        {flag !== null && !passes && (
          <label>
            <input
              type="checkbox"
              checked={isAccepted}
              onChange={(event) => onAccept(flag, event.target.checked)}
            />{' '}
            accept it (<code>{flag}</code>)
          </label>
        )}
      </div>
    </div>
  )
}

/** What applications meet afterwards. */
function Attention({ plan: { applications, drift, fence, groups } }: { readonly plan: FailoverPlan }) {
  const behind = groups.filter(({ reRead, skipped }) => (reRead ?? 0) > 0 || (skipped ?? 0) > 0)
  return (
    <ul className="plain-list">
      <li>{visible(fence.text)}</li>
      {behind.map(({ group, words }) => (
        <li key={group}>
          Group <strong>{visible(group)}</strong>: {visible(words)}
        </li>
      ))}
      {applications.map(({ name, application, todo }) => (
        <li key={`${application} ${name}`}>
          <strong>{visible(name)}</strong> ({application}): {todo.map(visible).join(' ')}
        </li>
      ))}
      {drift.map(({ subject, what, severity }) => (
        <li key={`${subject} ${what}`} className={severity === 'note' ? 'soft' : ''}>
          {visible(what)}
        </li>
      ))}
    </ul>
  )
}

function Steps({ plan: { steps } }: { readonly plan: FailoverPlan }) {
  return (
    <details>
      <summary>{counted(steps.length, 'step')}</summary>
      <ol className="steps">
        {steps.map(({ name, what, expectedMs, holdsWrites, canUndo }) => (
          <li key={name}>
            <strong>{name}</strong>
            <span className="soft grow">
              {visible(what)}
              {holdsWrites && ' · writers wait'}
              {!canUndo && ' · not undone any more'}
            </span>
            <span className="number small">{duration(expectedMs / 1_000)}</span>
          </li>
        ))}
      </ol>
    </details>
  )
}
