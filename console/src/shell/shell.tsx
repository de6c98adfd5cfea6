import { type ReactNode, useMemo, useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { FleetStatus } from '../../../src/fleet/run/fleet-status.ts'
import { useAlerts } from '../api/alerts.ts'
import { useIsLive } from '../api/events.ts'
import { useFleet } from '../api/fleet.ts'
import { duration } from '../parts/format.ts'
import { useNow } from '../parts/now.ts'
import { toneOf } from '../parts/tone.ts'
import icon from '../style/icon.svg'
import { useKeys } from './keys.ts'
import { KeysHelp } from './keys-help.tsx'
import { Palette } from './palette.tsx'
import { paths } from './paths.ts'
import { useTheme } from './theme.ts'

/** Pages by the key behind `g`. */
const places = {
  ...{ m: paths.map, a: paths.alerts, c: paths.clusters, l: paths.links, g: paths.groups },
  ...{ r: paths.routes, t: paths.allTopics, e: paths.receipts, u: paths.audit },
} as const

type Open = 'palette' | 'keys' | null

/** What stands around every page: where one is, how fresh what one sees is, and the ways to everything else. */
export function Shell({ fleet, children }: { readonly fleet: FleetStatus; readonly children: ReactNode }) {
  const [open, setOpen] = useState<Open>(null)
  const [, navigate] = useLocation()
  const { theme, next } = useTheme()
  const keys = useMemo(
    () => ({
      'ctrl+k': () => setOpen('palette'),
      '/': () => setOpen('palette'),
      '?': () => setOpen('keys'),
      t: next,
      ...Object.fromEntries(Object.entries(places).map(([key, to]) => [`g ${key}`, () => navigate(to)])),
    }),
    [navigate, next],
  )
  useKeys(keys)
  return (
    <div className="shell">
      <a className="skip" href="#main">
        To the content
      </a>
      <Side fleet={fleet} />
      <header className="top">
        <Crumbs fleet={fleet} />
        <Freshness at={fleet.at} />
        <button type="button" className="find" onClick={() => setOpen('palette')}>
          <span>Find</span> <kbd>Ctrl K</kbd>
        </button>
        <button type="button" className="icon-button" onClick={next} title={`Colours: ${theme}`}>
          <span aria-hidden="true">{theme === 'system' ? '◐' : theme === 'light' ? '☀' : '☾'}</span>
          <span className="hidden-text">Colours: {theme}</span>
        </button>
        <button type="button" className="icon-button" onClick={() => setOpen('keys')} title="Keys">
          <span aria-hidden="true">?</span>
          <span className="hidden-text">Keys</span>
        </button>
      </header>
      <main id="main" className="main">
        {children}
      </main>
      {open === 'palette' && <Palette onClose={() => setOpen(null)} />}
      {open === 'keys' && <KeysHelp onClose={() => setOpen(null)} />}
    </div>
  )
}

function Side({ fleet }: { readonly fleet: FleetStatus }) {
  return (
    <nav className="side" aria-label="Pages">
      <Link href={paths.map} className="brand">
        <img src={icon} alt="" /> {fleet.fleet}
      </Link>
      <Entry to={paths.map} name="Fleet map" />
      <AlertsEntry />
      <Entry to={paths.clusters} name="Clusters" />
      <Entry to={paths.links} name="Links" />
      <Entry to={paths.routes} name="Routes" />
      <Entry to={paths.allTopics} name="Topics" />
      <Entry to={paths.groups} name="Groups" />
      <Entry to={paths.receipts} name="Receipts" />
      <Entry to={paths.audit} name="Audit" />
      <h2>Clusters</h2>
      {fleet.clusters.map(({ name, state }) => (
        <Entry key={name} to={paths.cluster(name)} name={name} state={state} />
      ))}
      <p className="foot">Kafka Multi Cluster</p>
    </nav>
  )
}

/** With how many fire; what is silenced does not call anybody. */
function AlertsEntry() {
  const { data } = useAlerts()
  const firing = data?.alerts.filter((alert) => alert.state === 'firing' && !alert.isSilenced) ?? []
  const tone = firing.some(({ severity }) => severity === 'critical') ? 'bad' : 'warn'
  return (
    <Entry to={paths.alerts} name="Alerts">
      {firing.length > 0 && (
        <span className="badge" data-tone={tone}>
          {firing.length}
          <span className="hidden-text"> firing</span>
        </span>
      )}
    </Entry>
  )
}

type EntryProps = {
  readonly to: string
  readonly name: string
  readonly state?: string
  readonly children?: ReactNode
}

function Entry({ to, name, state, children }: EntryProps) {
  const [location] = useLocation()
  const isHere = location === to || (to !== paths.map && location.startsWith(`${to}/`))
  const isPage = state !== undefined || !location.startsWith(`${paths.clusters}/`) || to !== paths.clusters
  return (
    <Link
      href={to}
      className={`entry ${state ? 'of-cluster' : ''}`}
      aria-current={isHere && isPage ? 'page' : undefined}
    >
      {state !== undefined && <span className="dot" data-tone={toneOf(state)} />}
      <span className="name">{name}</span>
      {state !== undefined && <span className="hidden-text">{state}</span>}
      {children}
    </Link>
  )
}

function Crumbs({ fleet }: { readonly fleet: FleetStatus }) {
  const [location] = useLocation()
  const parts = location.split('/').slice(2).map(decodeURIComponent)
  const names = parts.length === 0 ? ['map'] : parts
  return (
    <div className="crumbs">
      <span>{fleet.fleet}</span>
      {names.slice(0, -1).map((name) => (
        <span key={name}>/ {name}</span>
      ))}
      / <strong>{names.at(-1)}</strong>
    </div>
  )
}

/** A fleet is asked every two seconds; later than this something hinders that. */
const LATE_MS = 10_000

function Freshness({ at }: { readonly at: number }) {
  const now = useNow()
  const isLive = useIsLive()
  const { dataUpdatedAt, isError } = useFleet()
  const age = now - dataUpdatedAt
  const isLate = isError || (age > LATE_MS && !isLive)
  const text = isLate
    ? `kmc does not answer; as of ${duration(age / 1_000)} ago`
    : isLive
      ? 'live'
      : 'every 2 s'
  return (
    <span
      className="fresh"
      data-live={isLate ? 'no' : 'yes'}
      title={new Date(at).toISOString()}
      role="status"
    >
      <i /> <span className="words">{text}</span>
    </span>
  )
}
