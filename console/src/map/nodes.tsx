import { Handle, type NodeProps, Position } from '@xyflow/react'
import { Link } from 'wouter'
import type { ClusterStatus } from '../../../src/fleet/run/fleet-status.ts'
import type { RouteOverview } from '../../../src/fleet/run/route-overview.ts'
import { Badge } from '../parts/basics.tsx'
import { counted } from '../parts/format.ts'
import { toneOf } from '../parts/tone.ts'
import { paths } from '../shell/paths.ts'
import type { Port } from './layout.ts'

/** A place where an edge docks. */
export type Dock = { readonly id: string; readonly type: 'source' | 'target'; readonly port: Port }

export type ClusterData = { readonly cluster: ClusterStatus; readonly docks: readonly Dock[] }
export type RouteData = { readonly route: RouteOverview; readonly docks: readonly Dock[] }
export type RegionData = { readonly region: string }

function Docks({ docks }: { readonly docks: readonly Dock[] }) {
  return docks.map(({ id, type, port }) => (
    <Handle
      key={id}
      id={id}
      type={type}
      position={port.side === 'left' ? Position.Left : Position.Right}
      isConnectable={false}
      style={{ top: port.y }}
    />
  ))
}

export function RegionNode({ data }: NodeProps) {
  return <div className="region">{(data as RegionData).region}</div>
}

export function ClusterNode({ data }: NodeProps) {
  const { cluster, docks } = data as ClusterData
  const { name, kind, state, brokers, fault, bootstrap } = cluster
  return (
    <>
      <Docks docks={docks} />
      <Link
        href={paths.cluster(name)}
        className="cluster-card"
        data-tone={toneOf(state)}
        title={fault?.message}
      >
        <span className="title">
          <span className="name">{name}</span> <Badge state={state} />
        </span>
        <span className="soft small">{kind === 'managed' ? 'run by kmc' : bootstrap[0]}</span>
        <span className="brokers">
          {brokers.map((broker) => (
            <span key={broker.id} className="broker" data-tone={toneOf(broker.state)} title={broker.state}>
              {broker.id}
              <span className="hidden-text"> broker, {broker.state}</span>
            </span>
          ))}
          {brokers.length === 0 && <span className="soft small">brokers are its own</span>}
        </span>
      </Link>
    </>
  )
}

export function RouteNode({ data }: NodeProps) {
  const { route, docks } = data as RouteData
  const { name, state, address, gateway } = route
  return (
    <>
      <Docks docks={docks} />
      <Link href={paths.route(name)} className="route-card">
        <span className="title">
          <span className="dot" data-tone={toneOf(state)} /> {name}
          <span className="hidden-text">route, {state}</span>
        </span>
        <span className="soft small" title={address}>
          {address}
          {gateway !== null && ` · ${counted(gateway.connections, 'client')}`}
        </span>
      </Link>
    </>
  )
}
