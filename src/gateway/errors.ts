import { type ErrorOptions, KmcError } from '../base/error.ts'

type ErrorEntry = { readonly title: string; readonly remedy: string; readonly retriable?: boolean }

/** Every code that the gateway raises or counts as the reason why it closed a connection. */
export const gatewayErrors = {
  GATEWAY_PORT_TAKEN: {
    title: 'A port of a route is in use by another program',
    remedy: 'Stop that program or give the route another `port`; a route takes one port a broker, in a row.',
  },
  GATEWAY_CERTIFICATE_BAD: {
    title: 'A route cannot use its certificate or key',
    remedy:
      'Check `tls` of the route: PEM, the certificate first in its chain, the key that belongs to it, and its password.',
  },
  GATEWAY_SLOTS_TOO_FEW: {
    title: 'A cluster has more brokers than the route has slots',
    remedy: 'Give the route at least as many `slots` as the largest of its clusters has brokers.',
  },
  GATEWAY_CLUSTER_UNKNOWN: {
    title: 'A route was told to use a cluster that it does not have',
    remedy: 'Name one of the clusters of the route.',
  },
  GATEWAY_NOT_PARKED: {
    title: 'A route cannot change clusters while its requests are not parked',
    remedy: 'Enter the phase `parked` first.',
  },
  GATEWAY_BAD_FRAME: {
    title: 'A peer sent bytes that are no frame of Kafka',
    remedy: 'Check that a Kafka client talks to the route, and with or without TLS as the route expects.',
  },
  GATEWAY_FRAME_TOO_LARGE: {
    title: 'A frame is larger than the limit of the route',
    remedy: 'Raise the limit `frameBytes` of the route, or make the client send less at a time.',
  },
  GATEWAY_API_NOT_SERVED: {
    title: 'A client used an API or version that the gateway does not offer',
    remedy: 'Use a client that asks for versions (ApiVersions) and keeps to the answer.',
  },
  GATEWAY_UNEXPECTED_ANSWER: {
    title: 'A broker answered out of turn',
    remedy: 'Check for a proxy between the gateway and the broker; report it with the broker’s version.',
  },
  GATEWAY_UPSTREAM_LOST: {
    title: 'The broker behind a connection went away with a request that may not be sent twice',
    remedy: 'Nothing to do: the client connects again and decides by itself.',
    retriable: true,
  },
  GATEWAY_WRITE_CUT_OFF: {
    title: 'A gateway lost its leave to write while a client waited for a write',
    remedy:
      'Nothing to do: the client connects again and sends it again. If it happens often, see what keeps the gateway from the clusters.',
    retriable: true,
  },
  GATEWAY_CLIENT_LOST: {
    title: 'The connection of a client broke, and the client had no part in it',
    remedy: 'Look for a network or a load between client and gateway that breaks connections.',
  },
  GATEWAY_MEMORY_FULL: {
    title: 'A client was in the middle of a large request when its route held all that it may hold',
    remedy:
      'Raise the limit `parkedBytes` of the route, or look for clients that begin requests and do not end them.',
    retriable: true,
  },
  GATEWAY_CLIENT_SILENT: {
    title: 'A client connected and asked for nothing',
    remedy:
      'Nothing to do for a port scan or a health check; a Kafka client asks as soon as it is connected.',
  },
  GATEWAY_CONNECTIONS_MAX: {
    title: 'A route has as many connections as it may have',
    remedy: 'Raise the limit `connections` of the route, or look for a client that opens too many.',
  },
  GATEWAY_LOGIN_FAILED: {
    title: 'A client could not prove who it is',
    remedy: 'Check the client’s mechanism, user and password against those of the route.',
  },
  GATEWAY_LOGIN_NOT_REPEATABLE: {
    title: 'A login cannot be repeated at another broker, so its connection ended',
    remedy:
      'Nothing to do: the client connects again. With PLAIN, or users of the route, connections survive.',
  },
} as const satisfies Record<string, ErrorEntry>

export type GatewayErrorCode = keyof typeof gatewayErrors

/** An error of this room, or the reason why it closed a connection. */
export class GatewayError extends KmcError {
  override readonly name: string = 'GatewayError'
  declare readonly code: GatewayErrorCode

  constructor(code: GatewayErrorCode, message: string, options: ErrorOptions = {}) {
    const entry: ErrorEntry = gatewayErrors[code]
    super(code, message, { remedy: entry.remedy, retriable: entry.retriable ?? false, ...options })
  }
}

/** The reason why a client is closed whose broker went away in the middle of something. */
export function upstreamLost(): GatewayError {
  return new GatewayError(
    'GATEWAY_UPSTREAM_LOST',
    'The broker went away with a request that may not be sent twice.',
  )
}

/** The reason why a client is closed that waits for a write of which nobody may be told any more. */
export function mayHaveMoved(): GatewayError {
  return new GatewayError('GATEWAY_WRITE_CUT_OFF', 'The route may have moved while a write was on its way.')
}

/** True for refusals that no other broker would judge differently. */
export function isRefusal(error: unknown): error is GatewayError {
  return (
    error instanceof GatewayError &&
    (error.code === 'GATEWAY_LOGIN_FAILED' || error.code === 'GATEWAY_LOGIN_NOT_REPEATABLE')
  )
}
