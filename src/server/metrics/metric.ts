import type { FleetStatus } from '../../fleet/run/fleet-status.ts'
import type { MirrorStatus, PartitionStatus } from '../../link/status.ts'

/** The values of a metric's labels, in their order, and its value; null is not known, and left out. */
export type Row = readonly [labels: readonly string[], value: number | null]

/** One metric: what the exposition says and docs/reference/metrics.md explains. */
export type Metric<View = MetricsView> = {
  readonly name: string
  readonly type: 'gauge' | 'counter'
  readonly help: string
  readonly labels: readonly string[]
  /** One series a partition: left out where those are switched off. */
  readonly perPartition?: true
  readonly rows: (view: View) => Iterable<Row>
}

/** What is shown: the fleet at one instant, and of its mirrors and partitions at most so many. */
export type MetricsView = {
  readonly status: FleetStatus
  readonly version: string
  readonly mirrors: readonly {
    readonly link: string
    readonly mirror: MirrorStatus
    readonly isFresh: boolean
  }[]
  readonly partitions: readonly {
    readonly link: string
    readonly topic: string
    readonly partition: PartitionStatus
    readonly isFresh: boolean
  }[]
  /** Mirrors and partitions that have no series of their own. */
  readonly leftOut: number
}

/** A metric that goes up and down. */
export const gauge = <View = MetricsView>(
  name: string,
  help: string,
  rows: Metric<View>['rows'],
  labels: readonly string[] = ['link'],
): Metric<View> => ({
  name,
  type: 'gauge',
  help,
  labels,
  rows,
})
/** A metric that only grows while its process lives. */
export const counter = (
  name: string,
  help: string,
  rows: Metric['rows'],
  labels: readonly string[] = ['link'],
): Metric => ({ name, type: 'counter', help, labels, rows })
