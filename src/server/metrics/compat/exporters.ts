import { z } from 'zod'
import { family } from '../exposition.ts'
import type { Metric, Row } from '../metric.ts'
import { burrowMetrics } from './burrow.ts'
import { kafkaExporterMetrics } from './kafka-exporter.ts'
import { kminionMetrics } from './kminion.ts'
import { lagExporterMetrics } from './lag-exporter.ts'
import type { Clusters } from './view.ts'

const exporters = {
  burrow: burrowMetrics,
  kafka_exporter: kafkaExporterMetrics,
  kafka_lag_exporter: lagExporterMetrics,
  kminion: kminionMetrics,
} as const satisfies Readonly<Record<string, readonly Metric<Clusters>[]>>

type ExporterName = keyof typeof exporters

const names = Object.keys(exporters) as ExporterName[]
/** Of one metric: a scrape must stay small and quick, whatever the clusters hold. */
const ROWS_MAX = 20_000

/** `burrow,kminion`. */
export const exporterNames = z
  .string()
  .max(200)
  .transform((text) => text.split(','))
  .pipe(z.array(z.enum(names)))

/** What the watches saw last under the names that dashboards of these exporters ask for, in Prometheus' text format. */
export function byOtherNames(clusters: Clusters, wanted: readonly ExporterName[]): string {
  const leftOut: Row[] = []
  const bounded = (metric: Metric<Clusters>): Metric<Clusters> => ({
    ...metric,
    rows(view) {
      const all = [...metric.rows(view)]
      if (all.length > ROWS_MAX) leftOut.push([[metric.name], all.length - ROWS_MAX])
      return all.slice(0, ROWS_MAX)
    },
  })
  const all = [...new Set(wanted)].flatMap((name) => exporters[name])
  const text = all.map((metric) => family(bounded(metric), clusters)).join('')
  return wanted.length === 0 ? text : text + family(leftOutMetric, leftOut)
}

const leftOutMetric: Metric<readonly Row[]> = {
  name: 'kmc_compat_series_left_out',
  type: 'gauge',
  help: 'Series of a metric of another exporter that a scrape had no room for',
  labels: ['metric'],
  rows: (rows) => rows,
}
