import { type ErrorOptions, KmcError } from '../base/error.ts'

type ErrorEntry = { readonly title: string; readonly remedy: string; readonly retriable?: boolean }

/** Every code that routes raise. docs/reference/errors.md is generated from it. */
export const failoverErrors = {
  ROUTE_MOVED_ON: {
    title: 'Somebody else changed the route at the same time',
    remedy: 'Look at it with `kmc route describe` and decide again.',
    retriable: true,
  },
  ROUTE_STATE_UNREACHABLE: {
    title: 'What a route obeys cannot be read or written on one of its clusters',
    remedy:
      'Bring the cluster back; writes go on by themselves once the state of the route can be seen again.',
    retriable: true,
  },
  FAILOVER_SIDE_UNREADABLE: {
    title: 'One side of a link does not tell what it holds, so the sides cannot be compared',
    remedy: 'Look at that cluster with `kmc doctor`; it is asked again by itself.',
    retriable: true,
  },
  ROUTE_DIRECT_WRITERS: {
    title: 'Somebody writes to the cluster that a route has left',
    remedy:
      'What is written there reaches nobody. Lead the application to the address of the route; the message names its producer. Where the cluster has an authorizer it is denied.',
  },
  ROUTE_SWITCH_ABANDONED: {
    title: 'A failover was broken off halfway, and the clients of its route wait',
    remedy: 'Go on with it: `kmc failover ROUTE`, from any machine that reaches the cluster it leads to.',
  },
  ROUTE_CLUSTER_FOREIGN: {
    title: 'The route was moved to a cluster that it no longer has in the fleet file',
    remedy:
      'Name that cluster as `primary` or `standby` of the route again, or give the new route another name.',
  },
  FAILOVER_NOT_DRAINED: {
    title: 'A switchover could not reach a point at which both sides are equal',
    remedy:
      'The route is back where it was and nothing was lost. End the transaction or the writer that the message names, or fail over without waiting (`--force`).',
  },
  FAILOVER_FAR_BEHIND: {
    title: 'The standby did not come near enough to be switched to without a long wait of writers',
    remedy:
      'The route is where it was, and nobody waited. `kmc link describe` says what slows the link down or stops it (limits, workers, faults). `--catch-up-limit` says how long it may take; with 0s writers are held at once, for as long as the rest takes.',
  },
  FAILOVER_POSITIONS: {
    title: 'The position of a group could not be written on the cluster that a route was to go to',
    remedy: 'The route is back where it was. `kmc group explain GROUP` says what keeps the group there.',
  },
  FAILOVER_LINK_BUSY: {
    title: 'The workers of a link did not let go of it for a switch',
    remedy:
      'The route is back where it was. See with `kmc link describe` who works on the link; a worker that hangs is killed by its `kmc` after two minutes.',
  },
  FAILOVER_NOT_SERVING: {
    title: 'A route takes no records after it was moved',
    remedy:
      'The route leads to the new cluster. The message says what its clients are answered; `kmc route describe` shows the gateways.',
  },
  FAILOVER_DIFFERS: {
    title: 'After a switch the two sides do not hold the same',
    remedy:
      'The route has been moved, and its receipt is kept. `kmc verify LINK` names the first offset that differs; `kmc mirror describe` says what stands on the old cluster alone.',
  },
  FAILOVER_REFUSED: {
    title: 'A route was not moved, as its plan says why it should not be',
    remedy: 'Cure what the message names, or accept it where it has a flag, and make a new plan.',
  },
  FAILOVER_RUNNING: {
    title: 'The route is being moved already',
    remedy:
      'Wait for it. If the process that moves it is gone, the same command goes on with it ten seconds after its last word.',
    retriable: true,
  },
  FAILOVER_TAKEN_OVER: {
    title: 'Another process has taken the failover over',
    remedy: 'Follow it there; `kmc route describe` names the process.',
  },
  FAILOVER_PLAN_STALE: {
    title: 'What a saved plan of a failover rests on has changed since it was made',
    remedy:
      'Nothing was changed. Leave out --plan to do what would be done now, or look at it first: --dry-run. --dry-run --save keeps a new plan.',
  },
  FAILOVER_PLAN_UNREADABLE: {
    title: 'A saved plan of a failover is not there, or is not one of this version of kmc',
    remedy: 'Make it again with `kmc failover` and --dry-run --save.',
  },
  ROUTE_UNKNOWN: {
    title: 'The fleet has no route of that name',
    remedy: 'Declare it in the fleet file under `routes`, or name one of those that `kmc route list` shows.',
  },
  RECEIPT_UNKNOWN: {
    title: 'No receipt has that id, or several begin so',
    remedy: 'List them with: kmc receipts',
  },
} as const satisfies Record<string, ErrorEntry>

export type FailoverErrorCode = keyof typeof failoverErrors

/** An error of this room; the table's remedy is used where the call names none. */
export function failoverError(
  code: FailoverErrorCode,
  message: string,
  options: ErrorOptions = {},
): KmcError {
  const entry: ErrorEntry = failoverErrors[code]
  return new KmcError(code, message, {
    remedy: entry.remedy,
    retriable: entry.retriable ?? false,
    ...options,
  })
}
