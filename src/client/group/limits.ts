/**
 * A member whose heartbeats stay away for this long is out of the group. Brokers take 6 s to 30 min
 * (group.min.session.timeout.ms, group.max.session.timeout.ms).
 */
export const SESSION_TIMEOUT_MS = 10_000

/** How often a member says that it is there, and so how late it may hear of a rebalance. */
export const HEARTBEAT_MS = 2_000
/** One that is due so soon goes at once: whoever sleeps on common beats is not woken twice for it. */
export const HEARTBEAT_EARLY_MS = 250

/** A member's own freshness ends this long before its session may: what is sent now must arrive before that. */
export const FRESHNESS_MARGIN_MS = 2_000

/** How long the coordinator waits for members to come back in a rebalance; longer than any request may take. */
export const REBALANCE_TIMEOUT_MS = 60_000

/** Pauses after a failure: doubled from the first to the last. */
export const GROUP_RETRY_MS = 100
export const GROUP_RETRY_MAX_MS = 2_000
/** After a refusal that only an operator can cure. */
export const GROUP_REFUSED_RETRY_MS = 10_000
