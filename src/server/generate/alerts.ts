import { stringify } from 'yaml'

/** An alert that fleets are shipped with. */
export type AlertRule = {
  readonly name: string
  readonly expr: string
  /** How long it must be so. */
  readonly hold: string
  readonly severity: 'critical' | 'warning'
  /** With `{{ $labels.link }}` and the like; what to do comes with it. */
  readonly summary: string
  readonly remedy: string
}

/** Seconds of data that may be lost; the operator's own figure replaces it. */
export const RECOVERY_POINT_S = 60

export function alertRules(recoveryPointSeconds = RECOVERY_POINT_S): readonly AlertRule[] {
  return [recoveryPointMissed(recoveryPointSeconds), ...otherRules]
}

function recoveryPointMissed(seconds: number): AlertRule {
  return {
    ...{ name: 'KmcRecoveryPointMissed', hold: '2m', severity: 'critical' },
    expr: `kmc_link_lag_seconds > ${seconds}`,
    summary: 'Link {{ $labels.link }} is {{ $value | humanizeDuration }} behind',
    remedy: 'kmc link describe {{ $labels.link }} shows which partitions, and what holds them back',
  }
}

const otherRules: readonly AlertRule[] = [
  {
    ...{ name: 'KmcLinkLagUnknown', hold: '2m', severity: 'critical' },
    expr: 'kmc_link_info unless on (link) kmc_link_lag_seconds',
    summary: 'Nobody knows how far link {{ $labels.link }} is behind',
    remedy: 'kmc status: the source does not answer, or no worker runs',
  },
  {
    ...{ name: 'KmcFault', hold: '1m', severity: 'critical' },
    expr: 'kmc_link_standing_faults > 0',
    summary: 'Link {{ $labels.link }} has {{ $value }} faults {{ $labels.code }}',
    remedy: 'kmc link describe {{ $labels.link }} shows evidence and remedy of each',
  },
  {
    ...{ name: 'KmcLinkStalled', hold: '5m', severity: 'critical' },
    expr: 'kmc_link_lag_records > 0 and on (link) rate(kmc_link_written_records_total[5m]) == 0',
    summary: 'Link {{ $labels.link }} is behind and copies nothing',
    remedy: 'kmc link describe {{ $labels.link }}',
  },
  {
    ...{ name: 'KmcWorkerHangs', hold: '1m', severity: 'critical' },
    expr: 'kmc_link_lag_age_seconds > 30',
    summary: 'The worker of link {{ $labels.link }} has said nothing for {{ $value | humanizeDuration }}',
    remedy: '.kmc/logs of the machine that runs it; it is started again when it ends',
  },
  {
    ...{ name: 'KmcWorkerRestarts', hold: '0m', severity: 'warning' },
    expr: 'increase(kmc_link_worker_restarts_total[15m]) > 3',
    summary: 'The worker of link {{ $labels.link }} was started {{ $value | humanize }} times in 15 minutes',
    remedy: 'kmc link describe {{ $labels.link }} shows how it ended last',
  },
  {
    ...{ name: 'KmcGroupsBehind', hold: '10m', severity: 'warning' },
    expr: 'kmc_link_groups{state=~"waiting|faulted"} > 0',
    summary: 'Positions of {{ $value }} groups of link {{ $labels.link }} are {{ $labels.state }}',
    remedy: 'kmc group explain GROUP says why, group by group',
  },
  {
    ...{ name: 'KmcLimitTooTight', hold: '10m', severity: 'warning' },
    expr: 'rate(kmc_link_limited_seconds_total[30m]) > 0.9 and on (link) deriv(kmc_link_lag_records[30m]) > 0',
    summary: 'The limit of link {{ $labels.link }} lets less pass than is written',
    remedy: 'Raise its limit in the fleet file',
  },
  {
    ...{ name: 'KmcDirectWriters', hold: '0m', severity: 'critical' },
    expr: 'kmc_route_direct_writers > 0',
    summary: '{{ $value }} producers write past route {{ $labels.route }}, where nobody reads',
    remedy: 'kmc route describe {{ $labels.route }} names them',
  },
  {
    ...{ name: 'KmcRouteTakesNoWrites', hold: '1m', severity: 'critical' },
    expr: 'kmc_route_takes_writes == 0',
    summary: 'A gateway of route {{ $labels.route }} lets no writes pass',
    remedy: 'kmc route describe {{ $labels.route }} says for what it waits',
  },
  {
    ...{ name: 'KmcClusterSilent', hold: '1m', severity: 'critical' },
    expr: 'kmc_cluster_ready == 0',
    summary: 'Cluster {{ $labels.cluster }} does not answer',
    remedy: 'kmc doctor says why; kmc failover ROUTE --dry-run says what moving would mean',
  },
  {
    ...{ name: 'KmcDown', hold: '1m', severity: 'critical' },
    expr: 'absent(kmc_build_info)',
    summary: 'No kmc is seen',
    remedy: 'Start kmc up or kmc serve; links go on where they stopped',
  },
]

/** As a rule file of Prometheus. */
export function alertFile(rules: readonly AlertRule[]): string {
  return stringify(
    {
      groups: [
        {
          name: 'kmc',
          rules: rules.map(({ name, expr, hold, severity, summary, remedy }) => ({
            ...{ alert: name, expr, for: hold },
            ...{ labels: { severity }, annotations: { summary, remedy } },
          })),
        },
      ],
    },
    { lineWidth: 0 },
  )
}
