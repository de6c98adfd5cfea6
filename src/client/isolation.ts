/** Whether a read stops before open transactions and leaves aborted ones to be filtered (KIP-98). */
export type Isolation = 'read_uncommitted' | 'read_committed'

/** Kafka's number for it in Fetch and ListOffsets. */
export function isolationLevel(isolation: Isolation): 0 | 1 {
  return isolation === 'read_committed' ? 1 : 0
}
