/** What a route holds at most; each can be set per route. */
export type Limits = {
  /** Client connections of the route. */
  readonly connections: number
  /** Largest request of a client; Kafka's own default of socket.request.max.bytes. */
  readonly frameBytes: number
  /** Requests of one connection that wait for their answers; further ones are not read. */
  readonly owedAnswers: number
  /** Bytes of one connection that wait until requests may pass; further ones stay in its socket. */
  readonly parkedBytesPerConnection: number
  /** The same for all connections of the route together. */
  readonly parkedBytes: number
}

export const defaultLimits: Limits = {
  connections: 10_000,
  frameBytes: 100 * 1024 * 1024,
  owedAnswers: 1_000,
  parkedBytesPerConnection: 1024 * 1024,
  parkedBytes: 256 * 1024 * 1024,
}

/** Largest frame that is read as a whole because something in it is rewritten: all but Produce and Fetch answers. */
export const WHOLE_FRAME_BYTES_MAX = 32 * 1024 * 1024
/** What a connection may hold of a frame that is not there wholly, when the route holds all it may. */
export const INCOMPLETE_BYTES_FREE = 64 * 1024
/** Messages of one login that are kept to be said again. */
export const LOGIN_MESSAGES_MAX = 16
/** A client that has not proved who it is may send no more than this at a time. */
export const LOGIN_FRAME_BYTES_MAX = 64 * 1024
/** Requests up to this size are kept until answered, so that another broker can be asked when the first one dies. */
export const REPEATABLE_BYTES_MAX = 16 * 1024
/** Answers bound for a client that does not read: beyond it the broker is not read either. */
export const SOCKET_BUFFER_BYTES = 256 * 1024
/** Transactional ids remembered with the cluster that knows them. */
export const TRANSACTIONAL_IDS_MAX = 100_000
/** Members of groups that are watched while they give up their partitions. */
export const MEMBERS_MAX = 100_000
/** Rows of the census; the one seen longest ago goes first. */
export const CENSUS_CLIENTS_MAX = 10_000
/** Topics named per row of the census. */
export const CENSUS_TOPICS_MAX = 50
/** Producers and partitions whose last sequences are remembered, per route. */
export const SEQUENCES_MAX = 100_000
/** Batches remembered with their offsets, to tell what a crash lost; about 2 MiB. */
export const ACKED_BATCHES_MAX = 65_536
/** Partitions that these are of; beyond it all is forgotten, and said to be. */
export const ACKED_PARTITIONS_MAX = 200_000
/** Batches that were on their way when a broker died, and are looked for on the next cluster. */
export const UNCERTAIN_MAX = 10_000
/** Clients that a status names because they wait for answers. */
export const OWED_TO_NAMED_MAX = 5
/**
 * Requests of one connection that a broker has at a time while a switch is near: it works on one after the other
 * anyway, and what it has not got needs no waiting for. A client may have a thousand on their way.
 */
export const OWED_IN_SWITCH_MAX = 4
/** How long after a switch Produce requests are looked at before they pass: producers give up after two minutes. */
export const CHECKED_AFTER_SWAP_MS = 150_000
