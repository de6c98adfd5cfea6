/** Largest response frame accepted from a broker; larger is treated as a broken or hostile peer. */
export const FRAME_BYTES_MAX = 128 * 1024 * 1024

/** Largest frame accepted before a connection is open: ApiVersions and SASL answers are a few KiB. */
export const HANDSHAKE_FRAME_BYTES_MAX = 1024 * 1024

/** Bytes read from a socket at once; the buffer is reused, so it costs once per connection. */
export const SOCKET_READ_BYTES = 128 * 1024

/** Requests of one connection that may be unanswered at a time; more wait in line. */
export const IN_FLIGHT_REQUESTS_MAX = 256

/** Unanswered request bytes of one connection; the request that crosses the mark is the last one sent. */
export const IN_FLIGHT_BYTES_MAX = 64 * 1024 * 1024

/** Requests of one connection that may wait for a free place; one more is refused. */
export const WAITING_REQUESTS_MAX = 1024

/** How long an answer nobody waits for may keep its place before the connection is given up. */
export const ABANDONED_GRACE_MS = 30_000

export const CONNECT_TIMEOUT_MS = 10_000
export const REQUEST_TIMEOUT_MS = 30_000

/** A bootstrap address that has not answered after this long is not waited for before the next one is tried. */
export const BOOTSTRAP_STAGGER_MS = 500

/** Delay before a node that could not be reached is tried again, doubled up to the maximum. */
export const RECONNECT_BACKOFF_MS = 50
export const RECONNECT_BACKOFF_MAX_MS = 1_000

/** Delay before a request answered with a retriable error is repeated, doubled up to the maximum. */
export const RETRY_BACKOFF_MS = 20
export const RETRY_BACKOFF_MAX_MS = 500

/** RFC 7677 asks for at least 4096; the upper bound keeps a hostile broker from freezing the process. */
export const SCRAM_ITERATIONS_MIN = 4096
export const SCRAM_ITERATIONS_MAX = 1_000_000

/** Longest SASL message taken from a broker. */
export const SASL_MESSAGE_BYTES_MAX = 64 * 1024

/** Message rounds of one SASL exchange; SCRAM needs two, OAUTHBEARER at most two. */
export const SASL_ROUNDS_MAX = 8

/** How long a topic that a broker does not know yet is asked for again: metadata reaches brokers with a delay. */
export const UNKNOWN_TOPIC_GRACE_MS = 5_000

/** Coordinators remembered per cluster; beyond it the cache starts anew. */
export const COORDINATORS_CACHED_MAX = 10_000
