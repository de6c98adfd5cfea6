import type { LinkOverview } from '../../fleet/run/fleet-status.ts'
import type { RouteOverview } from '../../fleet/run/route-overview.ts'
import type { Palette } from '../terminal/color.ts'
import { type Column, groupDigits } from '../terminal/table.ts'
import { formatBytes, formatDuration, formatRate } from '../terminal/units.ts'
import type { Rates } from './rates.ts'
import type { Sample } from './sides.ts'

/** One row of the demo's table: a topic, or a consumer group. */
export type FrameRow = {
  readonly what: string
  readonly source: number | null
  readonly destination: number | null
  readonly seconds: number | null
  readonly written: number | null
  readonly mirrored: number | null
  readonly note: string
}

/** All that the demo shows at one instant. */
export type Frame = {
  readonly rows: readonly FrameRow[]
  readonly link: LinkOverview | null
  readonly route: RouteOverview | null
  readonly elapsedMs: number
  readonly durationMs: number | null
}

const notes: Readonly<Record<string, string>> = {
  orders: 'keyed by customer',
  payments: 'in transactions, one in five given up',
  stock: 'compacted',
}

export function frameOf(sample: Sample, rates: Rates, state: Omit<Frame, 'rows'>): Frame {
  // Without its source the mirror is the topic itself.
  const isAlone = sample.topics.every(({ source }) => source === null)
  const topics = sample.topics.map(({ topic, source, destination }) => ({
    what: topic,
    source,
    destination,
    seconds: state.link?.mirrors.find((mirror) => mirror.topic === topic)?.lag.seconds ?? null,
    written: rates.of(topic, isAlone ? 'destination' : 'source'),
    mirrored: isAlone ? null : rates.of(topic, 'destination'),
    note: notes[topic] ?? '',
  }))
  const none = { seconds: null, written: null, mirrored: null }
  const groups = sample.groups.map(({ group, ...both }) => {
    return { what: `group ${group}`, ...both, ...none, note: 'positions in orders' }
  })
  return { rows: [...topics, ...groups], ...state }
}

export function frameColumns(palette: Palette): Column<FrameRow>[] {
  return [
    { title: '', value: ({ what }) => what },
    { title: 'seoul', value: ({ source }) => source, align: 'right' },
    { title: 'virginia', value: ({ destination }) => destination, align: 'right' },
    {
      title: 'lag',
      value: lagOf,
      align: 'right',
      paint: (text, row) => (lagOf(row) === 0 ? palette.good(text) : palette.warn(text)),
    },
    {
      title: 'seconds',
      value: ({ seconds }) => (seconds === null ? null : seconds.toFixed(1)),
      align: 'right',
    },
    { title: 'written', value: ({ written }) => rateText(written), align: 'right' },
    { title: 'mirrored', value: ({ mirrored }) => rateText(mirrored), align: 'right' },
    { title: '', value: ({ note }) => note, paint: (text) => palette.dim(text), shrink: true },
  ]
}

/** Offsets that virginia lacks; null where a side is not known. */
function lagOf({ source, destination }: FrameRow): number | null {
  return source === null || destination === null ? null : Math.max(0, source - destination)
}

function rateText(rate: number | null): string | null {
  return rate === null ? null : formatRate(rate)
}

/** `route shop → seoul   link dr active   412/s   96 KiB/s   worker process 4711   12 s of 30 s`. */
export function footLine({ link, route, elapsedMs, durationMs }: Frame, palette: Palette): string {
  const parts = [
    ...(route === null ? [] : [routeText(route, palette)]),
    ...(link === null ? [] : linkTexts(link, palette)),
    palette.dim(clock(elapsedMs, durationMs)),
  ]
  return parts.join('   ')
}

function routeText({ name, active, state }: RouteOverview, palette: Palette): string {
  if (state !== 'serving') return `route ${name} ${palette.warn('holds its clients')}`
  return `route ${name} → ${palette.good(active ?? '-')}`
}

function linkTexts({ name, state, rate, worker }: LinkOverview, palette: Palette): string[] {
  const paint = state === 'active' ? palette.good : palette.warn
  return [
    `link ${name} ${paint(state)}`,
    ...(rate === null ? [] : [`${formatRate(rate.recordsPerSecond)}  ${formatBytes(rate.bytesPerSecond)}/s`]),
    worker?.pid ? `worker process ${worker.pid}` : palette.warn('worker away'),
  ]
}

function clock(elapsedMs: number, durationMs: number | null): string {
  const elapsed = formatDuration(Math.floor(elapsedMs / 1000) * 1000)
  return durationMs === null ? `${elapsed}; Ctrl-C ends it` : `${elapsed} of ${formatDuration(durationMs)}`
}

function countText(count: number | null): string {
  return count === null ? '-' : groupDigits(count)
}

/** The same for a pipe, in one line. */
export function plainLine({ rows, link, elapsedMs }: Frame): string {
  const topics = rows.map(({ what, source, destination }) => {
    return `${what} ${countText(source)}/${countText(destination)}`
  })
  const lag = link?.lag.records ?? null
  const seconds = link?.lag.seconds ?? null
  const words = [
    `${Math.round(elapsedMs / 1000)} s`,
    ...topics,
    `lag ${countText(lag)} records ${seconds === null ? '-' : seconds.toFixed(1)} s`,
    link?.rate ? formatRate(link.rate.recordsPerSecond) : '-/s',
  ]
  return words.join('  ')
}
