/** Flags of `kmc failover` that accept what it would otherwise be refused for, each for one thing. */
export const acceptFlags = {
  force: 'fail over although the active cluster answers: what has not arrived is lost',
  'without-gateways': 'go on without gateways that say nothing: they take no writes once their lease is over',
  'skip-mirrors':
    'switch although mirrors stand still: what they lack stays behind on the old cluster, and the receipt says how much',
  'accept-drift': 'switch although something that applications use is missing on the other side',
  'shared-producer-ids': 'switch although both clusters may have given out the same producer ids',
} as const

export type AcceptFlag = keyof typeof acceptFlags

/** Why a route is not moved. docs/guide/failing-over.md explains them; `flag` accepts one. */
export const failoverRefusals = {
  NOTHING_TO_DO: {
    why: 'The route is where it should go.',
    flag: null,
  },
  NO_STANDBY: {
    why: 'Only a link that keeps the topics of the active cluster on the other one makes it a standby.',
    flag: null,
  },
  STANDBY_UNREACHABLE: {
    why: 'Clients would be moved to a cluster that serves nobody.',
    flag: null,
  },
  STANDBY_EMPTY: {
    why: 'There is nothing on the standby that the route could be moved to.',
    flag: null,
  },
  FAILOVER_RUNNING: {
    why: 'Two at once would undo each other.',
    flag: null,
  },
  ACTIVE_ANSWERS: {
    why: 'A failover does not wait for records that are on their way, and a switchover loses none.',
    flag: 'force',
  },
  ACTIVE_SERVES: {
    why: 'A failover loses what has not arrived, and gateways still reach the cluster that does not answer here.',
    flag: 'force',
  },
  ACTIVE_INCOMPLETE: {
    why: 'Partitions without a leader cannot be drained, so a switchover would wait for them for ever.',
    flag: 'force',
  },
  LINK_PAUSED: {
    why: 'Nothing is copied, so a switchover would wait for ever.',
    flag: 'force',
  },
  LINK_NOT_RUNNING: {
    why: 'No worker copies what is missing, so a switchover would wait for ever.',
    flag: 'force',
  },
  MIRRORS_STOPPED: {
    why: 'What these mirrors lack would not arrive, and clients would find less on the other side than they wrote.',
    flag: 'skip-mirrors',
  },
  TRANSACTION_HANGS: {
    why: 'Nothing behind it is copied until it ends, and it is open for longer than its producer may keep it.',
    flag: 'force',
  },
  GATEWAY_SILENT: {
    why: 'A gateway that does not answer cannot say that it has let go of the old cluster.',
    flag: 'without-gateways',
  },
  PRODUCER_IDS_SHARED: {
    why: 'A producer that moves with an id which the other cluster gave to somebody else loses records in silence.',
    flag: 'shared-producer-ids',
  },
  DRIFT: {
    why: 'Applications would fail on the other side.',
    flag: 'accept-drift',
  },
} as const satisfies Record<string, { readonly why: string; readonly flag: AcceptFlag | null }>

export type FailoverRefusalCode = keyof typeof failoverRefusals
