import type { ErrorContext } from '../base/error.ts'
import { KmcError } from '../base/error.ts'
import { errorOf } from '../wire/error-codes.ts'
import { kafkaRemedies } from './kafka-remedies.ts'

type ErrorEntry = { readonly title: string; readonly remedy: string; readonly retriable: boolean }

/** Every code that this room raises. `retriable`: the same call may succeed when repeated unchanged. */
export const clientErrors = {
  KAFKA_ERROR: {
    title: 'The broker answered a request with an error code',
    remedy: "Look the code's name up in Kafka's protocol guide; `context.kafkaName` holds it.",
    retriable: false,
  },
  ADDRESS_INVALID: {
    title: 'An address is not host:port',
    remedy: 'Write addresses as host:port, without a protocol; IPv6 as [address]:port.',
    retriable: false,
  },
  HOST_UNKNOWN: {
    title: 'A host name could not be resolved',
    remedy: 'Check the name and the DNS settings of this machine.',
    retriable: true,
  },
  CONNECTION_REFUSED: {
    title: 'Nothing accepts connections at an address',
    remedy:
      'Check that the broker runs, that the port is its client listener, and that no firewall is between.',
    retriable: true,
  },
  CONNECT_TIMEOUT: {
    title: 'A connection was not ready in time',
    remedy: 'Check the route and firewalls to the address; raise connectTimeoutMs for a far or slow cluster.',
    retriable: true,
  },
  CONNECTION_LOST: {
    title: 'A connection broke while it was in use',
    remedy: 'Repeat the call; when it goes on, look into the log of the broker that is named.',
    retriable: true,
  },
  CONNECTION_CLOSED: {
    title: 'A request was made on a connection or cluster that has been closed by kmc',
    remedy: 'Connect again.',
    retriable: false,
  },
  CONNECTION_OVERLOADED: {
    title: 'Too many requests wait on one connection',
    remedy: 'Send fewer requests at a time, or spread them over more lanes.',
    retriable: true,
  },
  REQUEST_TIMEOUT: {
    title: 'A request was not answered before its deadline',
    remedy:
      'Repeat the call or give it more time; a broker that stays silent is overloaded, paused or cut off.',
    retriable: true,
  },
  OFFSET_GONE: {
    title: 'The offset asked for is not (or no longer) in the partition',
    remedy: 'Read from the beginning, or from an offset within the range named in the message.',
    retriable: false,
  },
  REQUEST_ABORTED: {
    title: 'The caller gave a request up',
    remedy: 'Nothing to do; the request may still have been executed by the broker.',
    retriable: false,
  },
  AUTHENTICATION_FAILED: {
    title: 'The broker or kmc refused the other side’s identity',
    remedy: 'Check user, password and mechanism of `sasl`, or the client certificate of `tls`.',
    retriable: false,
  },
  TLS_UNTRUSTED: {
    title: 'The broker’s certificate is not trusted',
    remedy: 'Give the certificate of the authority that signed it as tls.ca.',
    retriable: false,
  },
  TLS_CONFIG_INVALID: {
    title: 'A certificate or key of the configuration cannot be used',
    remedy: 'tls.ca, tls.certificate and tls.key must be PEM texts; an encrypted key needs its password.',
    retriable: false,
  },
  TLS_FAILED: {
    title: 'The TLS handshake failed',
    remedy:
      'Compare the TLS versions and cipher suites of the broker’s listener (ssl.*) with TLS 1.2 and 1.3.',
    retriable: false,
  },
  NOT_KAFKA: {
    title: 'What answers at an address is not the Kafka listener that was expected',
    remedy: 'Check the port and whether its listener speaks TLS.',
    retriable: false,
  },
  MALFORMED_RESPONSE: {
    title: 'A broker sent bytes that are not the answer asked for',
    remedy: 'Check for a proxy between kmc and the broker; report it with the broker’s version.',
    retriable: false,
  },
  INCOMPLETE_RESPONSE: {
    title: 'A broker’s answer leaves out something that was asked',
    remedy: 'Treat what is missing as unknown and read it back; report it with the broker’s version.',
    retriable: false,
  },
  INVALID_ARGUMENT: {
    title: 'A call cannot be expressed as a Kafka request',
    remedy: 'Correct the arguments as the message says.',
    retriable: false,
  },
  UNSUPPORTED_BY_BROKER: {
    title: 'The broker does not serve an API, or no version of it that kmc speaks',
    remedy: 'Use Kafka 3.9 or newer, or switch the feature on in the broker when the message names one.',
    retriable: false,
  },
  CLUSTER_ID_CHANGED: {
    title: 'Another cluster answers at an address of a known cluster',
    remedy:
      'Nothing was written. Correct the address, or the recorded id if the cluster was really replaced.',
    retriable: false,
  },
  NODE_UNKNOWN: {
    title: 'A broker id is not in the cluster’s metadata',
    remedy: 'The broker is down or was removed; repeat the call once it is back.',
    retriable: true,
  },
  BOOTSTRAP_UNREACHABLE: {
    title: 'No bootstrap address of a cluster could be used',
    remedy: 'Correct the addresses or start the brokers; the reason for each address is in the message.',
    retriable: true,
  },
} as const satisfies Record<string, ErrorEntry>

export type ClientErrorCode = keyof typeof clientErrors

type ClientErrorOptions = {
  readonly remedy?: string
  readonly retriable?: boolean
  readonly context?: ErrorContext
  readonly cause?: unknown
}

/** An error of the way to a broker (address, socket, TLS, SASL, frames), not of the broker's own making. */
export class ClientError extends KmcError {
  override readonly name: string = 'ClientError'
  declare readonly code: ClientErrorCode

  constructor(
    code: Exclude<ClientErrorCode, 'KAFKA_ERROR'>,
    message: string,
    options: ClientErrorOptions = {},
  ) {
    const { remedy, retriable } = clientErrors[code]
    super(code, message, { remedy, retriable, ...options })
  }
}

/** An error code that a broker answered with; whether a retry can help comes from Kafka's own table. */
export class KafkaError extends KmcError {
  override readonly name: string = 'KafkaError'
  readonly kafkaCode: number
  readonly kafkaName: string

  /** `what`: the thing that was asked for, e.g. `create topic "orders"`; `detail`: the broker's own message. */
  constructor(kafkaCode: number, what: string, detail?: string | null, context: ErrorContext = {}) {
    const known = errorOf(kafkaCode)
    super('KAFKA_ERROR', `${what}: ${known.name}: ${detail || known.message}`, {
      remedy: kafkaRemedies[known.name] ?? clientErrors.KAFKA_ERROR.remedy,
      retriable: known.retriable,
      context: { ...context, kafkaCode, kafkaName: known.name },
    })
    this.kafkaCode = kafkaCode
    this.kafkaName = known.name
  }
}

/** Throws a KafkaError when `kafkaCode` is not NONE. */
export function throwOnKafkaError(kafkaCode: number, what: string, detail?: string | null): void {
  if (kafkaCode !== 0) throw new KafkaError(kafkaCode, what, detail)
}

/** True when `error` is the broker's answer of that name, e.g. `NOT_CONTROLLER`. */
export function isKafkaError(error: unknown, ...names: readonly string[]): error is KafkaError {
  return error instanceof KafkaError && names.includes(error.kafkaName)
}

/** True when `error` carries one of this room's codes. */
export function isClientError(error: unknown, ...codes: readonly ClientErrorCode[]): error is ClientError {
  return error instanceof ClientError && codes.includes(error.code)
}
