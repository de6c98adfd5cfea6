import type { FactKind, Subject } from './fact.ts'

export type Severity = 'warning' | 'critical'

/** When facts of a kind are worth somebody's time. */
export type AlertRule = {
  readonly name: string
  /** What is said when it fires. */
  readonly title: string
  readonly remedy: string
  readonly severity: Severity
  readonly kind: FactKind
  /** It holds while the value is greater than this. */
  readonly above: number
  /** How long it must hold before anybody is told. */
  readonly holdMs: number
  /** How long it must not hold before it counts as over. */
  readonly clearMs: number
  /** Told again after so long while it goes on. */
  readonly repeatMs: number
  /** Of which subjects, by name; `*` stands for any text. Left out: of all. */
  readonly match?: Subject
  /** Given along with its alerts, for whoever sorts them. */
  readonly labels?: Readonly<Record<string, string>>
}

const SECOND = 1_000
const MINUTE = 60 * SECOND
const usual = { clearMs: 30 * SECOND, repeatMs: 4 * 60 * MINUTE }

/** The rules that come with kmc; docs/guide/alerts.md tells them. */
export const shippedRules: readonly AlertRule[] = [
  {
    ...{
      name: 'rpo-breach',
      kind: 'link-rpo',
      above: 1,
      holdMs: 30 * SECOND,
      severity: 'critical',
      ...usual,
    },
    title: 'A link is further behind than its objective allows',
    remedy: 'A failover now would lose more than agreed: see what holds the link up with `kmc status`.',
  },
  {
    ...{ name: 'link-stalled', kind: 'link-stalled', above: 60, holdMs: 0, severity: 'critical', ...usual },
    title: 'A link copies nothing although there is more',
    remedy: 'Its fault and what to do stand in `kmc status`; without one, look whether its worker runs.',
  },
  {
    ...{ name: 'group-sync-stale', kind: 'link-group-sync', above: 60, severity: 'warning', ...usual },
    holdMs: MINUTE,
    title: 'Positions of groups are not carried over any more',
    remedy:
      'After a failover consumers would read again what they had read: see `kmc group list` and the link.',
  },
  {
    ...{ name: 'link-lag-unknown', kind: 'link-lag-unknown', above: 0, severity: 'critical', ...usual },
    holdMs: 2 * MINUTE,
    title: 'Nobody knows how far a link is behind',
    remedy: 'Its source does not answer, or no worker runs: see `kmc status`.',
  },
  {
    ...{ name: 'link-faults', kind: 'link-faults', above: 0, severity: 'critical', ...usual },
    holdMs: MINUTE,
    title: 'Mirrors or groups of a link stand still with a fault',
    remedy: 'Each fault says what to do: see `kmc link describe`.',
  },
  {
    ...{ name: 'drift', kind: 'link-drift', above: 0, holdMs: 5 * MINUTE, severity: 'warning', ...usual },
    title: 'The two sides of a link differ in more than their records',
    remedy: 'Compare what is named and change the side that is wrong before it has to take over.',
  },
  {
    ...{ name: 'unfenced-old-primary', kind: 'route-old-primary', above: 0, holdMs: 0, severity: 'critical' },
    ...usual,
    title: 'The cluster that was left can still take writes',
    remedy:
      'What is written there is lost to the route: fence it with `kmc fence`, or keep its clients away.',
  },
  {
    ...{ name: 'direct-writers', kind: 'route-direct-writers', above: 0, holdMs: 0, severity: 'critical' },
    ...usual,
    title: 'Producers write past a route, where nobody reads',
    remedy: '`kmc route describe` names them: lead them to the address of the route.',
  },
  {
    ...{ name: 'route-no-writes', kind: 'route-no-writes', above: 0, severity: 'critical', ...usual },
    holdMs: MINUTE,
    title: 'A route lets no writes pass',
    remedy: '`kmc route describe` says for what it waits.',
  },
  {
    ...{
      name: 'lag-growing',
      kind: 'group-verdict',
      above: 1,
      holdMs: 5 * MINUTE,
      severity: 'warning',
      ...usual,
    },
    title: 'A group falls behind, has stopped, or was set back',
    remedy: 'Its verdict tells which; look at its members and their logs.',
  },
  {
    ...{ name: 'cluster-unreachable', kind: 'cluster-unreachable', above: 0, severity: 'critical', ...usual },
    holdMs: 30 * SECOND,
    title: 'A cluster does not answer',
    remedy: 'Its page shows the last data and the reason; other clusters are not affected.',
  },
  {
    ...{ name: 'no-controller', kind: 'cluster-no-controller', above: 0, severity: 'critical', ...usual },
    holdMs: 30 * SECOND,
    title: 'A cluster has no controller',
    remedy: 'Nothing can be created, and no leader elected, until a majority of the controllers is back.',
  },
  {
    ...{ name: 'broker-down', kind: 'cluster-broker-down', above: 0, severity: 'critical', ...usual },
    holdMs: 30 * SECOND,
    title: 'A broker that holds replicas is not there',
    remedy: 'Start it again; if it will not come back, move its replicas to others.',
  },
  {
    ...{ name: 'offline-partitions', kind: 'cluster-offline', above: 0, severity: 'critical', ...usual },
    holdMs: 15 * SECOND,
    title: 'Partitions have no leader: they can be neither written nor read',
    remedy: 'Bring back a broker with a replica that was in sync.',
  },
  {
    ...{ name: 'under-min-isr', kind: 'cluster-under-min-isr', above: 0, severity: 'critical', ...usual },
    holdMs: 30 * SECOND,
    title: 'Partitions take no records with acks=all',
    remedy: 'Bring missing replicas back; lower min.insync.replicas only if you mean it.',
  },
  {
    ...{
      name: 'under-replicated',
      kind: 'cluster-under-replicated',
      above: 0,
      severity: 'warning',
      ...usual,
    },
    holdMs: 2 * MINUTE,
    title: 'Partitions have fewer replicas in sync than they should',
    remedy: 'A broker is down, slow or being caught up: see the page of the cluster.',
  },
  {
    ...{ name: 'disk-failed', kind: 'cluster-disk-failed', above: 0, severity: 'critical', ...usual },
    holdMs: 0,
    title: 'A broker has given up a log directory',
    remedy: 'Replace the disk, or free it when it is full, and restart the broker.',
  },
]
