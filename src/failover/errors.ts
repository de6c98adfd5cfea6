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
  ROUTE_CLUSTER_FOREIGN: {
    title: 'The route was moved to a cluster that it no longer has in the fleet file',
    remedy:
      'Name that cluster as `primary` or `standby` of the route again, or give the new route another name.',
  },
  FAILOVER_TAKEN_OVER: {
    title: 'Another process has taken the failover over',
    remedy: 'Follow it there; `kmc route describe` names the process.',
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
