import type { ReactNode } from 'react'
import type { Trouble } from '../../../src/fleet/run/fleet-status.ts'
import type { Fault, Lag } from '../../../src/link/status.ts'
import { ApiError, isMissing } from '../api/http.ts'
import { ago, bytes, duration, instant, shortCount } from './format.ts'
import { useNow } from './now.ts'
import { toneOf } from './tone.ts'

export function Badge({ state, tone = toneOf(state) }: { readonly state: string; readonly tone?: string }) {
  return (
    <span className="badge" data-tone={tone}>
      {state}
    </span>
  )
}

/** A value that is not known, and why. */
export function Unknown({ why }: { readonly why: string }) {
  return (
    <span className="unknown" title={why}>
      –<span className="hidden-text"> not known: {why}</span>
    </span>
  )
}

type KnownProps = {
  readonly value: number | null | undefined
  readonly why: string
  readonly as: (value: number) => string
}

export function Known({ value, why, as }: KnownProps) {
  return value === null || value === undefined ? <Unknown why={why} /> : as(value)
}

export function When({ at }: { readonly at: number }) {
  const now = useNow()
  return <time title={instant(at)}>{ago(at, now)}</time>
}

const noLag = 'one of the two ends was not seen yet'

/** Three numbers; each is `–` while it is not known. */
export function LagFacts({ lag }: { readonly lag: Lag }) {
  return (
    <>
      <Fact name="Lag, records">
        <Known value={lag.records} why={noLag} as={shortCount} />
      </Fact>
      <Fact name="Lag, seconds">
        <Known value={lag.seconds} why={noLag} as={duration} />
      </Fact>
      <Fact name="Lag, bytes">
        <Known value={lag.bytes} why="no sizes of records were seen yet" as={bytes} />
      </Fact>
    </>
  )
}

export function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

type PanelProps = {
  readonly title: ReactNode
  readonly aside?: ReactNode
  readonly children: ReactNode
  readonly flush?: boolean
}

export function Panel({ title, aside, children, flush = false }: PanelProps) {
  return (
    <section className="panel">
      <header>
        <h2 className="grow">{title}</h2>
        {aside}
      </header>
      {flush ? children : <div className="body">{children}</div>}
    </section>
  )
}

export function Empty({ title, children }: { readonly title: string; readonly children?: ReactNode }) {
  return (
    <div className="empty">
      <strong>{title}</strong>
      {children}
    </div>
  )
}

/** What is wrong, what was seen, and what to do. */
export function TroubleNote({
  trouble,
  about,
}: {
  readonly trouble: Trouble | Fault
  readonly about?: ReactNode
}) {
  return (
    <div className="trouble">
      <span className="dot" data-tone="bad" />
      <div>
        <p>
          {about} {trouble.message} <code className="soft">{trouble.code}</code>
          {'since' in trouble && (
            <span className="soft small">
              {' '}
              <When at={trouble.since} />
            </span>
          )}
        </p>
        {trouble.remedy !== null && <p className="remedy">{trouble.remedy}</p>}
        {'evidence' in trouble && Object.keys(trouble.evidence).length > 0 && (
          <details>
            <summary className="small soft">Evidence</summary>
            <div className="evidence">{JSON.stringify(trouble.evidence, null, 2)}</div>
          </details>
        )}
      </div>
    </div>
  )
}

/** Why a part of the page has nothing to show. */
export function Failure({ error }: { readonly error: unknown }) {
  if (isMissing(error)) return <Empty title="Not available in this version of kmc" />
  const remedy = error instanceof ApiError ? error.remedy : null
  return <Empty title={error instanceof Error ? error.message : String(error)}>{remedy}</Empty>
}
