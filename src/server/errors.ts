import { type ErrorOptions, KmcError } from '../base/error.ts'
import { KafkaError } from '../client/errors.ts'

/** Errors of the control endpoint, on both of its sides. `status` is the HTTP status that carries them. */
export const serverErrors = {
  CONTROL_REFUSED: {
    status: 401,
    title: 'A request to the control endpoint did not prove that it may ask',
    remedy: 'The token stands in .kmc/run/supervisor.json, which only its owner can read.',
  },
  CONTROL_FORBIDDEN: {
    status: 403,
    title: 'A request to the control endpoint came in under a foreign name or from a web page',
    remedy: 'Call it at 127.0.0.1 and without an Origin header.',
  },
  CONTROL_UNKNOWN: {
    status: 404,
    title: 'The control endpoint has no such route',
    remedy: 'src/server/README.md lists the routes.',
  },
  CONTROL_BAD_REQUEST: {
    status: 400,
    title: 'A request to the control endpoint cannot be understood',
    remedy: 'src/server/README.md lists the routes and what they take.',
  },
  CONTROL_UNREACHABLE: {
    status: 502,
    title: 'The supervisor of this fleet runs, but does not answer',
    remedy: 'Look into .kmc/logs/supervisor.log; `kmc down` ends it in any case.',
  },
  SIGN_IN_NEEDED: {
    status: 401,
    title: 'A request did not say who asks, or could not prove it',
    remedy: 'Open the link that `kmc console` prints, or send a token: `Authorization: Bearer …`.',
  },
  NOT_ALLOWED: {
    status: 403,
    title: 'Who asks has no role that allows it',
    remedy: 'An admin of the fleet grants roles under `server: { roles: … }` in the fleet file.',
  },
  HOST_NOT_ALLOWED: {
    status: 421,
    title: 'A request came in under a name that this server does not answer to',
    remedy: 'Call it by the address that it printed, or list the name under `server: { hosts: … }`.',
  },
  TLS_NEEDED: {
    status: 403,
    title: 'A request came in clear over the network',
    remedy: 'Call the server by https; a proxy has to send X-Forwarded-Proto.',
  },
  FORGERY_SUSPECTED: {
    status: 403,
    title: 'A change came with the cookie of a session, and not from a page of this server',
    remedy: 'Programs use a token: `Authorization: Bearer …`.',
  },
  SIGN_IN_REFUSED: {
    status: 401,
    title: 'A code to sign in is not known, was used before, or is older than ten minutes',
    remedy: '`kmc console` prints a new link.',
  },
  TOO_MANY_ATTEMPTS: {
    status: 429,
    title: 'Too many attempts to sign in within a minute',
    remedy: 'Wait a minute.',
  },
  NO_ROLE: {
    status: 403,
    title: 'Somebody signed in by OpenID Connect to whom no role of the fleet file is given',
    remedy: 'An admin of the fleet adds them, or a group of theirs, to `server: { roles: … }`.',
  },
  OIDC_NOT_SET_UP: {
    status: 404,
    title: 'Nobody can sign in by OpenID Connect at this server',
    remedy: 'Write `server: { oidc: … }` in the fleet file.',
  },
  OIDC_PROVIDER_UNAVAILABLE: {
    status: 502,
    title: 'The OpenID Connect provider does not answer',
    remedy: 'Check `server: { oidc: { issuer: … } }` and the way there; `kmc console` signs in without it.',
  },
  OIDC_PROVIDER_WRONG: {
    status: 502,
    title: 'What the OpenID Connect provider says of itself cannot be trusted',
    remedy: 'Write the issuer exactly as the provider calls itself in its openid-configuration.',
  },
  OIDC_REFUSED: {
    status: 401,
    title: 'The OpenID Connect provider, or this server, ended a sign-in',
    remedy: 'Begin again. If it stays so, check client id, secret and the address to come back to.',
  },
  OIDC_TOKEN_INVALID: {
    status: 401,
    title: 'An ID token of the OpenID Connect provider was not accepted',
    remedy: 'Check the clocks of both, and client id and issuer.',
  },
  SERVER_PORT_IN_USE: {
    status: 409,
    title: 'The port of the server is taken by another program',
    remedy: 'Choose another with `server: { port: … }` in the fleet file or --console-port, or 0 for none.',
  },
  SERVER_NOT_OPENED: {
    status: 500,
    title: 'The server cannot listen where it should',
    remedy: 'Check `listen` and `tls` under `server` in the fleet file.',
  },
  SERVER_NOT_RUNNING: {
    status: 409,
    title: 'No server of this fleet runs on this machine',
    remedy: 'Start it: `kmc up`, or `kmc serve`; look into its log where it said that the port is taken.',
  },
  SERVER_TOKEN_WEAK: {
    status: 409,
    title: 'A token of the fleet file is too short, or too long',
    remedy: 'Make one with: openssl rand -base64 32',
  },
  AUDIT_UNAVAILABLE: {
    status: 503,
    title: 'A change cannot be written to the audit log, so it was not made',
    remedy:
      'Bring back a cluster that it concerns; `server: { audit: best-effort }` makes changes all the same.',
  },
  OPERATION_UNKNOWN: {
    status: 404,
    title: 'The server has no such operation, or has forgotten it',
    remedy:
      'GET /api/operations lists them; what a server began before it was started anew is not among them.',
  },
  OPERATIONS_BUSY: {
    status: 429,
    title: 'Too many operations run at once',
    remedy: 'Wait until one has ended: GET /api/operations lists them.',
  },
  CONFIRMATION_NEEDED: {
    status: 428,
    title: 'Something that cannot be undone was asked for without its name',
    remedy:
      'Send the name of what it is about as `confirm`, or `dryRun: true` to see first what it would do.',
  },
  PLAN_UNKNOWN: {
    status: 404,
    title: 'The server has made no such plan of this route, or has forgotten it',
    remedy: 'Make one: POST /api/routes/ROUTE/failover:plan.',
  },
  CLUSTER_NOT_FOUND: {
    status: 404,
    title: 'The fleet has no cluster of this name or id',
    remedy: 'GET /v3/clusters lists them.',
  },
  CLUSTER_NOT_NAMED: {
    status: 404,
    title: 'A path of REST Proxy v2 names no cluster, and it is not clear which one is meant',
    remedy:
      'Put /clusters/NAME before the path, or write `server: { rest: { cluster: NAME } }` in the fleet file.',
  },
  TOPIC_NOT_FOUND: {
    status: 404,
    title: 'No topic of this name was seen at the last look at the cluster',
    remedy: 'GET /api/topics lists them; a topic just made is seen within ten seconds.',
  },
  GROUP_NOT_FOUND: {
    status: 404,
    title: 'No group of this name was seen at the last look at the cluster',
    remedy: 'GET /api/groups lists them; a group just made is seen within ten seconds.',
  },
  HISTORY_NOT_KEPT: {
    status: 409,
    title: 'This process keeps no history of lags',
    remedy:
      'Set `server: { history: { days: 30 } }` in the fleet file, or ask the process that does: of several from one folder the first keeps it, and the log says why another does not.',
  },
  ALERTS_ELSEWHERE: {
    status: 409,
    title: 'Another process of the same folder tells of alerts',
    remedy: 'Ask that one: `kmc up` or the first `kmc serve` that was started there.',
  },
  SILENCES_TOO_MANY: {
    status: 409,
    title: 'There are too many silences',
    remedy: 'End those that are not needed; one with a pattern can stand for many.',
  },
  RECORD_NOT_FOUND: {
    status: 404,
    title: 'No record that a reader sees stands at this offset',
    remedy: 'Ask for a page of records from there: the next one that is seen comes first.',
  },
  REQUEST_INVALID: {
    status: 400,
    title: 'A part of a request does not have the form that its route takes',
    remedy: 'GET /openapi.json describes every route.',
  },
  ROUTE_NOT_FOUND: {
    status: 404,
    title: 'The server has no such route',
    remedy: 'GET /openapi.json describes every route.',
  },
  RESOURCE_NOT_FOUND: {
    status: 404,
    title: 'The cluster has nothing of the kind and name that the path of a request names',
    remedy: 'GET the path without its last part: it lists what there is.',
  },
  PARTITION_NOT_FOUND: {
    status: 404,
    restCode: 404_02,
    title: 'The topic has no such partition',
    remedy: 'Leave the partition out, so that the key decides, or name one that there is.',
  },
  RECORD_INVALID: {
    status: 422,
    restCode: 422_06,
    title: 'A record of a request cannot be read',
    remedy: 'docs/guide/rest.md shows the forms of records.',
  },
  BATCH_INVALID: {
    status: 422,
    restCode: 422_08,
    title: 'A batch of records holds nothing, or an id twice',
    remedy: 'Give each entry an id of its own.',
  },
  REGISTRY_NEEDED: {
    status: 501,
    restCode: 501,
    title: 'A record in Avro, JSON Schema or Protobuf needs a schema registry, which kmc does not use yet',
    remedy: 'Encode the record yourself and send it as BINARY, or send it as JSON or STRING.',
  },
  MEDIA_TYPE_UNKNOWN: {
    status: 415,
    title: 'The body of a request has a media type that its route does not take',
    remedy: 'Send Content-Type: application/vnd.kafka.json.v2+json, or binary in place of json.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    title: 'A request accepts no media type that its route answers in',
    remedy: 'Send Accept: application/vnd.kafka.v2+json, or none.',
  },
  FORMAT_MISMATCH: {
    status: 406,
    restCode: 406_01,
    title: 'Records are asked for in another format than the consumer instance was made for',
    remedy: 'Accept the format of the instance, or make one with the format that is wanted.',
  },
  CONSUMER_NOT_FOUND: {
    status: 404,
    restCode: 404_03,
    title: 'There is no such consumer instance, or it belongs to somebody else',
    remedy: 'Make one with POST …/consumers/GROUP. One that nobody asks for five minutes is deleted.',
  },
  CONSUMER_EXISTS: {
    status: 409,
    restCode: 409_02,
    title: 'The group has a consumer instance of this name already',
    remedy: 'Leave the name out, or delete the other one.',
  },
  CONSUMER_STATE: {
    status: 409,
    restCode: 409_03,
    title: 'What a consumer instance is asked does not go with what it does',
    remedy: 'Subscribe to topics or assign partitions, not both; move positions of partitions that it has.',
  },
  CONSUMER_INVALID: {
    status: 422,
    restCode: 422_04,
    title: 'The settings of a consumer instance are not valid',
    remedy: 'docs/guide/rest.md lists them.',
  },
  CONSUMERS_TOO_MANY: {
    status: 429,
    title: 'There are as many consumer instances as the server keeps',
    remedy: 'Delete those that are done with; idle ones go after five minutes.',
  },
  RECORD_UNREADABLE: {
    status: 422,
    restCode: 422_07,
    title: 'A record of a topic is not in the format of the consumer instance',
    remedy: 'Move the position beyond it, or read with an instance of the format binary.',
  },
  GROUP_IN_USE: {
    status: 409,
    title: 'The positions of a group cannot be moved while its members read',
    remedy: 'Stop its members, wait until they have left the group, and move it then.',
  },
  NOT_OFFERED: {
    status: 501,
    title: 'The API that a path belongs to has this route, and kmc does not do what it stands for',
    remedy: 'The message says why, and what does it instead.',
  },
  SERVE_SEATS_TAKEN: {
    status: 409,
    title: 'Too many `kmc serve` processes run from one folder',
    remedy: 'End some of them; `workers:` on a link gives one process more workers.',
  },
  METRICS_PORT_IN_USE: {
    status: 409,
    title: 'The port for metrics is taken by another program',
    remedy: 'Choose another with `metrics: { port: … }` in the fleet file or --metrics-port, or 0 for none.',
  },
  METRICS_NOT_SERVED: {
    status: 500,
    title: 'The address for metrics cannot be listened at',
    remedy: 'Write an address of this machine under `metrics: { listen: … }` in the fleet file.',
  },
} as const

export type ServerErrorCode = keyof typeof serverErrors

/** An error of this room; the table's remedy is used where the call names none. */
export function serverError(code: ServerErrorCode, message: string, options: ErrorOptions = {}): KmcError {
  return new KmcError(code, message, { remedy: serverErrors[code].remedy, ...options })
}

/** The number in `error_code` by which callers of Confluent's REST Proxy tell errors apart. */
export function restCodeOf(error: unknown): number {
  if (error instanceof KafkaError) return kafkaRestCode(error)
  const entry = entryOf(error)
  return entry !== null && 'restCode' in entry ? entry.restCode : httpStatusOf(error)
}

function entryOf(error: unknown) {
  if (!(error instanceof KmcError) || !Object.hasOwn(serverErrors, error.code)) return null
  return serverErrors[error.code as ServerErrorCode]
}

/** The HTTP status for anything that a handler threw: what kmc refuses is 409, a bug is 500. */
export function httpStatusOf(error: unknown): number {
  if (!(error instanceof KmcError)) return 500
  if (Object.hasOwn(serverErrors, error.code)) return serverErrors[error.code as ServerErrorCode].status
  if (error instanceof KafkaError) return Math.floor(kafkaRestCode(error) / 100)
  if (error.code === 'REQUEST_TIMEOUT') return 504
  if (error.code.endsWith('_UNKNOWN')) return 404
  return error.retriable ? 503 : 409
}

/**
 * The five digits by which Confluent's REST Proxy tells what a broker refused (KafkaExceptionMapper of rest-utils); the
 * first three are the HTTP status. What may be repeated is 503 here, 500 there.
 */
function kafkaRestCode({ kafkaName, retriable }: KafkaError): number {
  if (kafkaName === 'UNKNOWN_TOPIC_OR_PARTITION' || kafkaName === 'UNKNOWN_TOPIC_ID') return 404_03
  if (kafkaName === 'GROUP_ID_NOT_FOUND') return 404_05
  if (kafkaName.endsWith('_AUTHORIZATION_FAILED')) return 403_01
  if (kafkaName === 'UNKNOWN_SERVER_ERROR' || kafkaName === 'UNSUPPORTED_VERSION') return 500_02
  return retriable ? 503_03 : 400_02
}
