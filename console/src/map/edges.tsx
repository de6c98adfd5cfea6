import { EdgeLabelRenderer, type EdgeProps, getBezierPath } from '@xyflow/react'
import { Link } from 'wouter'
import { lagText, shortCount } from '../parts/format.ts'
import { type Tone, toneOf } from '../parts/tone.ts'
import { paths } from '../shell/paths.ts'
import type { FleetEdge } from './graph.ts'

/** A link or a route as a line; what moves on it moves here too. */
export function FleetLine(props: EdgeProps) {
  const edge = (props.data as { edge: FleetEdge }).edge
  const [line, x, y] = getBezierPath(props)
  const tone = edge.kind === 'link' ? linkTone(edge) : 'idle'
  const isMoving = edge.kind === 'link' && (edge.link.rate?.recordsPerSecond ?? 0) > 0
  return (
    <>
      <path
        className="link-line"
        data-tone={tone}
        data-kind={edge.kind}
        d={line}
        markerEnd={props.markerEnd}
      />
      {isMoving && <path className="link-flow" d={line} />}
      {edge.kind === 'link' && <LinkLabel edge={edge} tone={tone} x={x} y={y} />}
    </>
  )
}

type LinkEdge = Extract<FleetEdge, { kind: 'link' }>

/** More seconds than this behind is worth a look. */
const LATE_SECONDS = 30

function linkTone({ link: { state, fault, lag, mirrors } }: LinkEdge): Tone {
  if (fault !== null || mirrors.some((mirror) => mirror.fault !== null)) return 'bad'
  if (state === 'active' && (lag.seconds ?? 0) > LATE_SECONDS) return 'warn'
  return toneOf(state)
}

type LabelProps = { readonly edge: LinkEdge; readonly tone: Tone; readonly x: number; readonly y: number }

function LinkLabel({ edge: { link }, tone, x, y }: LabelProps) {
  const { name, state, lag, rate } = link
  const moving =
    rate === null || rate.recordsPerSecond === 0 ? '' : ` · ${shortCount(rate.recordsPerSecond)}/s`
  return (
    <EdgeLabelRenderer>
      <Link
        href={paths.link(name)}
        className="link-label nopan"
        style={{ transform: `translate(-50%, -50%) translate(${x}px, ${y}px)` }}
      >
        <span className="title">
          <span className="dot" data-tone={tone} /> {name}
        </span>
        <span className="soft">
          {state === 'active' ? `${lagText(lag) ?? 'lag not known yet'}${moving}` : state}
        </span>
      </Link>
    </EdgeLabelRenderer>
  )
}
