/** What a link may hold and send at once; sized so that a worker process stays below 150 MB (DESIGN.md, "Speed"). */
export const limits = {
  /** Of one partition, before it is left out of fetches. */
  partitionBytesMax: 2 * 1024 * 1024,
  /** Nothing is fetched before a partition holds less than this. */
  partitionBytesLow: 1024 * 1024,
  /** Of all partitions of all links in a thread, before fetching waits. */
  heldBytesMax: 32 * 1024 * 1024,
  /** The part of the free shared memory that one partition may hold beyond its own. */
  partitionPartOfFree: 1 / 8,
  /** A partition that lacks less than this, or less than this time of its source, counts as live. */
  liveBytesMax: 1024 * 1024,
  liveMs: 5_000,
  /** Asked of a source broker in one Fetch. */
  fetchBytesMax: 8 * 1024 * 1024,
  fetchBytesMin: 256 * 1024,
  /** The largest Fetch answer whose memory is used again: what it may hold, and room around it. */
  frameBytesMax: 9 * 1024 * 1024,
  fetchPartitionBytesMax: 1024 * 1024,
  fetchPartitionBytesMin: 64 * 1024,
  /**
   * A Fetch waits this long for data when every partition of the broker takes part, else it comes back soon. A new
   * partition may have to wait for it.
   */
  fetchWaitMs: 2_000,
  fetchWaitPartialMs: 20,
  /** Connections to one destination broker for data. Two keep it busy; four cost it more than they bring. */
  produceLanes: 2,
  /**
   * Requests on their way on one of them: few large ones, or many small ones, so that a far destination is kept busy
   * with small batches as well. (A broker takes up one at a time; what waits there waits in order.)
   */
  produceInFlightMax: 32,
  produceInFlightBytesMax: 4 * 1024 * 1024,
  produceRequestBytesMax: 8 * 1024 * 1024,
  /** With less than this waiting, a partition's batch goes into every second request before those of a backlog. */
  produceSoonBytes: 64 * 1024,
  /** Offsets of one partition that one WriteTxnMarkers fills. */
  markersPerRequestMax: 1_000,
  /** Pauses after a failure: doubled from the first to the last. */
  retryFirstMs: 50,
  retryLastMs: 2_000,
  /** Writes of one partition that fail in a row before that is a fault: about half a minute. */
  strikesMax: 20,
} as const
