import type { LinkOverview } from '../../fleet/run/fleet-status.ts'
import type {
  LinkCounters,
  LinkState,
  MirrorState,
  MirrorStatus,
  PartitionStatus,
} from '../../link/status.ts'
import { counter, gauge, type Metric, type MetricsView, type Row } from './metric.ts'
import { routeMetrics } from './route-metrics.ts'

/** A lag that was measured longer ago says nothing about now, so it is not shown. */
export const FRESH_MS = 30_000

const linkStates: readonly LinkState[] = ['starting', 'active', 'paused', 'faulted', 'stopped']
const mirrorStates: readonly MirrorState[] = [
  'seeding',
  'active',
  'paused',
  'faulted',
  'promoting',
  'promoted',
  'failed-over',
]
const groupStates = ['in-step', 'waiting', 'active', 'faulted'] as const

const ofLinks =
  (value: (link: LinkOverview, nowMs: number) => number | null) =>
  ({ status }: MetricsView): Row[] =>
    status.links.map((link) => [[link.name], value(link, status.at)])

const counted = (value: (counters: LinkCounters) => number) =>
  ofLinks(({ counters }) => (counters === null ? null : value(counters)))

const fresh = (link: LinkOverview, nowMs: number, value: number | null): number | null =>
  nowMs - link.lag.at <= FRESH_MS ? value : null

const ofMirrors =
  (value: (mirror: MirrorStatus) => number | null, needsFresh: boolean) =>
  ({ mirrors }: MetricsView): Row[] =>
    mirrors.map(({ link, mirror, isFresh }) => [
      [link, mirror.topic],
      needsFresh && !isFresh ? null : value(mirror),
    ])

const ofPartitions =
  (value: (partition: PartitionStatus) => number | null, needsFresh: boolean) =>
  ({ partitions }: MetricsView): Row[] =>
    partitions.map(({ link, topic, partition, isFresh }) => [
      [link, topic, String(partition.partition)],
      needsFresh && !isFresh ? null : value(partition),
    ])

const ofTopic = ['link', 'topic']
const ofPartition = ['link', 'topic', 'partition']

const fleetMetrics: readonly Metric[] = [
  gauge('kmc_build_info', 'The version of kmc that answers; always 1.', ({ version }) => [[[version], 1]], [
    'version',
  ]),
  gauge(
    'kmc_start_time_seconds',
    'When the supervisor started, in seconds since 1970.',
    ({ status }) => [[[], status.supervisor === null ? null : status.supervisor.startedAt / 1_000]],
    [],
  ),
  gauge(
    'kmc_cluster_ready',
    'Whether the cluster answers requests (1) or not (0).',
    ({ status }) => status.clusters.map(({ name, state }) => [[name], Number(state === 'ready')]),
    ['cluster'],
  ),
  gauge(
    'kmc_metrics_left_out',
    'Mirrors and partitions without series of their own, as there are too many.',
    ({ leftOut }) => [[[], leftOut]],
    [],
  ),
]

const linkMetrics: readonly Metric[] = [
  gauge(
    'kmc_link_info',
    'Which clusters the link joins; always 1.',
    ({ status }) => status.links.map(({ name, from, to }) => [[name, from, to], 1]),
    ['link', 'source', 'destination'],
  ),
  gauge(
    'kmc_link_state',
    'The state of the link: 1 for the one it is in, 0 for the others.',
    ({ status }) =>
      status.links.flatMap((link) =>
        linkStates.map((state): Row => [[link.name, state], Number(link.state === state)]),
      ),
    ['link', 'state'],
  ),
  gauge(
    'kmc_link_worker_up',
    'Whether a worker process of the link runs here (1) or not (0).',
    ofLinks(({ worker }) => Number(worker?.state === 'running')),
  ),
  counter(
    'kmc_link_worker_restarts_total',
    'How often the worker was started again since the supervisor started.',
    ofLinks(({ worker }) => worker?.restarts ?? null),
  ),
  gauge(
    'kmc_link_lag_age_seconds',
    'How long ago the lag of the link was measured; grows while a worker hangs.',
    ofLinks(({ lag }, nowMs) => Math.max(0, nowMs - lag.at) / 1_000),
  ),
  gauge(
    'kmc_link_lag_records',
    'Offsets that the source has (up to its last stable offset) and the destination lacks. Absent when not known.',
    ofLinks((link, nowMs) => fresh(link, nowMs, link.lag.records)),
  ),
  gauge(
    'kmc_link_lag_bytes',
    'What those offsets weigh, estimated from the bytes per offset copied so far. Absent when not known.',
    ofLinks((link, nowMs) => fresh(link, nowMs, link.lag.bytes)),
  ),
  gauge(
    'kmc_link_lag_seconds',
    'How long the source has held the oldest record that the destination lacks; 0 in step. Absent when not known.',
    ofLinks((link, nowMs) => fresh(link, nowMs, link.lag.seconds)),
  ),
  gauge(
    'kmc_link_records_per_second',
    'Records confirmed by the destination a second, over the last five seconds.',
    ofLinks(({ rate }) => rate?.recordsPerSecond ?? null),
  ),
  gauge(
    'kmc_link_bytes_per_second',
    'Bytes confirmed by the destination a second, over the last five seconds.',
    ofLinks(({ rate }) => rate?.bytesPerSecond ?? null),
  ),
  counter(
    'kmc_link_fetched_bytes_total',
    'Bytes of record batches that came from the source, those fetched again counted again.',
    counted(({ fetchedBytes }) => fetchedBytes),
  ),
  counter(
    'kmc_link_written_bytes_total',
    'Bytes of record batches that the destination has confirmed.',
    counted(({ bytes }) => bytes),
  ),
  counter(
    'kmc_link_written_records_total',
    'Records that the destination has confirmed.',
    counted(({ records }) => records),
  ),
  counter(
    'kmc_link_written_batches_total',
    'Record batches that the destination has confirmed.',
    counted(({ batches }) => batches),
  ),
  counter(
    'kmc_link_markers_total',
    'Offsets filled with markers, as no reader sees a record there at the source.',
    counted(({ gapOffsets }) => gapOffsets),
  ),
  counter(
    'kmc_link_recut_batches_total',
    'Batches that had to be encoded anew (holes, LogAppendTime).',
    counted(({ recutBatches }) => recutBatches),
  ),
  counter(
    'kmc_link_merged_batches_total',
    'Small batches of the source that went over inside a larger one, while their partition was behind.',
    counted(({ mergedBatches }) => mergedBatches),
  ),
  counter(
    'kmc_link_recoveries_total',
    'Times a partition read its position again from the destination.',
    counted(({ recoveries }) => recoveries),
  ),
  counter(
    'kmc_link_faults_total',
    'Faults and events that came up, by code (docs/reference/errors.md).',
    ({ status }) =>
      status.links.flatMap(({ name, faultCounts = [] }) =>
        faultCounts.map(({ code, count }): Row => [[name, code], count]),
      ),
    ['link', 'code'],
  ),
  gauge(
    'kmc_link_standing_faults',
    'Faults that stand now, by code: of the link, its mirrors, partitions and groups.',
    ({ status }) => status.links.flatMap(standingFaults),
    ['link', 'code'],
  ),
  gauge(
    'kmc_link_limit_bytes_per_second',
    'What the link may fetch a second now. Absent without a limit.',
    ofLinks(({ budget }) => budget?.bytesPerSecond ?? null),
  ),
  gauge(
    'kmc_link_limited',
    'Whether fetching waited for the limit in the last two seconds (1) or not (0).',
    ofLinks(({ budget }) => (budget === null ? null : Number(budget.limited))),
  ),
  counter(
    'kmc_link_limited_seconds_total',
    'How long fetching has waited for the limit.',
    ofLinks(({ budget }) => budget?.limitedSeconds ?? null),
  ),
  gauge(
    'kmc_link_held_bytes',
    'Bytes of records fetched and not confirmed by the destination yet.',
    ofLinks(({ budget }) => budget?.heldBytes ?? null),
  ),
  gauge(
    'kmc_link_groups',
    'Consumer groups of the link by the state of their positions.',
    ({ status }) =>
      status.links.flatMap(({ name, groups }) =>
        groupStates.map(
          (state): Row => [[name, state], groups.filter((group) => group.state === state).length],
        ),
      ),
    ['link', 'state'],
  ),
  gauge(
    'kmc_link_mirrors',
    'Mirrors of the link by their state.',
    ({ status }) =>
      status.links.flatMap(({ name, mirrors }) =>
        mirrorStates.map(
          (state): Row => [[name, state], mirrors.filter((mirror) => mirror.state === state).length],
        ),
      ),
    ['link', 'state'],
  ),
]

const mirrorMetrics: readonly Metric[] = [
  gauge(
    'kmc_link_mirror_faulted',
    'Whether the mirror, or one of its partitions, stands still with a fault (1) or not (0).',
    ofMirrors((mirror) => Number(mirror.fault !== null), false),
    ofTopic,
  ),
  gauge(
    'kmc_link_mirror_lag_records',
    'Like kmc_link_lag_records, of one topic of the source.',
    ofMirrors(({ lag }) => lag.records, true),
    ofTopic,
  ),
  gauge(
    'kmc_link_mirror_lag_bytes',
    'Like kmc_link_lag_bytes, of one topic of the source.',
    ofMirrors(({ lag }) => lag.bytes, true),
    ofTopic,
  ),
  gauge(
    'kmc_link_mirror_lag_seconds',
    'Like kmc_link_lag_seconds, of one topic of the source: its worst partition.',
    ofMirrors(({ lag }) => lag.seconds, true),
    ofTopic,
  ),
]

const partitionMetrics: readonly Metric[] = [
  gauge(
    'kmc_link_partition_source_end_offset',
    'The last stable offset of the source partition.',
    ofPartitions(({ sourceEnd }) => sourceEnd, true),
    ofPartition,
  ),
  gauge(
    'kmc_link_partition_destination_end_offset',
    'The next offset of the mirror partition, as the destination confirmed it.',
    ofPartitions(({ destinationEnd }) => destinationEnd, false),
    ofPartition,
  ),
  gauge(
    'kmc_link_partition_lag_records',
    'Like kmc_link_lag_records, of one partition.',
    ofPartitions(({ lag }) => lag.records, true),
    ofPartition,
  ),
  gauge(
    'kmc_link_partition_lag_seconds',
    'Like kmc_link_lag_seconds, of one partition.',
    ofPartitions(({ lag }) => lag.seconds, true),
    ofPartition,
  ),
  gauge(
    'kmc_link_partition_faulted',
    'Whether the partition stands still with a fault (1) or not (0).',
    ofPartitions(({ fault }) => Number(fault !== null), false),
    ofPartition,
  ),
].map((metric) => ({ ...metric, perPartition: true }) as const)

/** Every metric that kmc serves. */
export const metrics: readonly Metric[] = [
  ...fleetMetrics,
  ...routeMetrics,
  ...linkMetrics,
  ...mirrorMetrics,
  ...partitionMetrics,
]

/** The same fault is told by a partition, its mirror and the link: it counts once, where it is. */
function standingFaults({ name, fault, mirrors, groups }: LinkOverview): Row[] {
  const inside = mirrors.flatMap((mirror) => {
    const ofPartitions = mirror.partitions.flatMap((partition) => partition.fault?.code ?? [])
    return ofPartitions.length > 0 ? ofPartitions : (mirror.fault?.code ?? [])
  })
  const codes = [...inside, ...groups.flatMap((group) => group.fault?.code ?? [])]
  if (fault !== null && !codes.includes(fault.code)) codes.push(fault.code)
  return [...Map.groupBy(codes, (code) => code)].map(([code, all]) => [[name, code], all.length])
}
