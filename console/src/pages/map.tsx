import { lazy, Suspense } from 'react'
import { Link } from 'wouter'
import type { FleetStatus } from '../../../src/fleet/run/fleet-status.ts'
import { Fact, Known, Panel, TroubleNote } from '../parts/basics.tsx'
import { duration, shortCount } from '../parts/format.ts'
import { type Concern, concernsOf } from './attention.ts'

/** What draws the map is half of all code, and the figures beside it need not wait for that. */
const FleetMap = lazy(() => import('../map/fleet-map.tsx').then((module) => ({ default: module.FleetMap })))

/** The fleet at a glance: what stands where, what runs between, what is wrong. */
export function MapPage({ fleet }: { readonly fleet: FleetStatus }) {
  return (
    <>
      <h1 className="hidden-text">Fleet map</h1>
      <Figures fleet={fleet} />
      <Suspense fallback={<section className="map" aria-label="Map of the fleet" aria-busy="true" />}>
        <FleetMap fleet={fleet} />
      </Suspense>
      <Attention concerns={concernsOf(fleet)} />
    </>
  )
}

function Figures({ fleet: { clusters, links, routes } }: { readonly fleet: FleetStatus }) {
  const ready = clusters.filter(({ state }) => state === 'ready').length
  const active = links.filter(({ state }) => state === 'active').length
  const mirrors = links.flatMap((link) => link.mirrors)
  const serving = routes.filter(({ state }) => state === 'serving').length
  const why = 'no active link tells its lag yet'
  return (
    <dl className="facts">
      <Fact name="Clusters ready">
        {ready} <small>of {clusters.length}</small>
      </Fact>
      <Fact name="Links active">
        {active} <small>of {links.length}</small>
      </Fact>
      <Fact name="Mirrors">
        {mirrors.length} <small>{mirrors.filter(({ fault }) => fault !== null).length} faulted</small>
      </Fact>
      <Fact name="Furthest behind">
        <Known value={most(links.map(({ lag }) => lag.seconds))} why={why} as={duration} />
      </Fact>
      <Fact name="Records behind">
        <Known value={sum(links.map(({ lag }) => lag.records))} why={why} as={shortCount} />
      </Fact>
      {routes.length > 0 && (
        <Fact name="Routes serving">
          {serving} <small>of {routes.length}</small>
        </Fact>
      )}
    </dl>
  )
}

function most(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 ? null : Math.max(...known)
}

/** Of all or of none: a sum of some would be too small. */
function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 || known.length < values.length ? null : known.reduce((a, b) => a + b, 0)
}

const SHOWN_MAX = 50

function Attention({ concerns }: { readonly concerns: readonly Concern[] }) {
  return (
    <Panel
      flush
      title="Needs attention"
      aside={<span className="soft small">{concerns.length || 'nothing'}</span>}
    >
      {concerns.length === 0 && <p className="empty">All that kmc watches is as it should be.</p>}
      {concerns.slice(0, SHOWN_MAX).map(({ about, to, trouble }) => (
        <TroubleNote key={`${about} ${to}`} trouble={trouble} about={<Link href={to}>{about}</Link>} />
      ))}
    </Panel>
  )
}
