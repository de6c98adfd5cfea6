/** Names of what a fact or an alert is about, e.g. `{ cluster: 'fra', group: 'readers' }`. */
export type Subject = Readonly<Record<string, string>>

/** One thing that is known at one time. Whoever knows it makes it: a watch of its cluster, the server of its links. */
export type Fact = {
  readonly kind: FactKind
  readonly subject: Subject
  /** Null: not known at the moment; what was thought before stands. */
  readonly value: number | null
  readonly at: number
}

/** What an alert can be about; each subject has one or two of these names. */
export const subjectNames = ['cluster', 'group', 'link', 'route'] as const

/** What the value of each kind is. */
export const factKinds = {
  'cluster-unreachable': '1 while the cluster does not answer',
  'cluster-no-controller': '1 while there is no controller',
  'cluster-broker-down': 'brokers that hold replicas and are not there',
  'cluster-offline': 'partitions without a leader',
  'cluster-under-min-isr': 'partitions that take no records with acks=all',
  'cluster-under-replicated': 'partitions with fewer replicas in sync than there are',
  'cluster-disk-failed': 'log directories that a broker has given up',
  'group-verdict': "Burrow's verdict as a number: 1 OK, 2 WARN, 3 ERR",
  'group-lag-seconds': 'age of the oldest record that the group has not read',
  'link-rpo': "the link's lag in seconds, divided by its objective",
  'link-lag-seconds': 'age of the oldest record that the link has not copied',
  'link-lag-unknown': '1 while nobody knows how far the link is behind',
  'link-faults': 'mirrors and groups that stand still with a fault',
  'link-stalled': 'seconds since the link last copied anything although there is more',
  'link-group-sync': 'seconds since the positions of groups were last carried over',
  'link-drift': 'settings, partitions, ACLs, quotas or users that differ between the two sides',
  'route-no-writes': '1 while a route that is not being switched lets no writes pass',
  'route-old-primary': '1 while the cluster that was left could still take writes',
  'route-direct-writers': 'producers that wrote past the route in the last minutes',
} as const

export type FactKind = keyof typeof factKinds
