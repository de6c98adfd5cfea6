import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import type { Metric, MetricsView, Row } from './metric.ts'
import { FRESH_MS, metrics } from './table.ts'

/** Series are bounded, whatever a cluster holds: a scrape must stay small and quick. */
const MIRRORS_MAX = 2_000
const PARTITIONS_MAX = 4_000

export type ExpositionOptions = { readonly version: string; readonly partitions: boolean }

/**
 * A fleet's status in Prometheus' text format 0.0.4. Everything comes from what workers said last, so it takes no
 * time and waits for nobody.
 */
export function exposition(status: FleetStatus, options: ExpositionOptions): string {
  const view = viewOf(status, options)
  return metrics
    .filter(({ perPartition }) => options.partitions || perPartition !== true)
    .map((metric) => family(metric, view))
    .join('')
}

function viewOf(status: FleetStatus, { version, partitions: wanted }: ExpositionOptions): MetricsView {
  const isFresh = (at: number) => status.at - at <= FRESH_MS
  const mirrors = status.links.flatMap(({ name, mirrors: all }) =>
    all.map((mirror) => ({ link: name, mirror, isFresh: isFresh(mirror.lag.at) })),
  )
  const partitions = mirrors.flatMap(({ link, mirror }) =>
    mirror.partitions.map((partition) => {
      return { link, topic: mirror.topic, partition, isFresh: isFresh(partition.lag.at) }
    }),
  )
  const beyond = (all: readonly unknown[], max: number) => Math.max(0, all.length - max)
  return {
    status,
    version,
    mirrors: mirrors.slice(0, MIRRORS_MAX),
    partitions: wanted ? partitions.slice(0, PARTITIONS_MAX) : [],
    leftOut: beyond(mirrors, MIRRORS_MAX) + (wanted ? beyond(partitions, PARTITIONS_MAX) : 0),
  }
}

/** One metric with all its series. */
export function family<View>(metric: Metric<View>, view: View): string {
  const { name, type, help } = metric
  const lines = [`# HELP ${name} ${escapeHelp(help)}`, `# TYPE ${name} ${type}`]
  for (const row of metric.rows(view)) if (row[1] !== null) lines.push(sample(metric, row))
  return `${lines.join('\n')}\n`
}

function sample({ name, labels }: Pick<Metric, 'name' | 'labels'>, [values, value]: Row): string {
  const pairs = labels.map((label, index) => `${label}="${escapeLabel(values[index]!)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`
}

function escapeHelp(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n')
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replaceAll('"', '\\"')
}
