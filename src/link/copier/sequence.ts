/** Kafka's sequence numbers count to 2^31-1 and go on at 0 (DefaultRecordBatch.incrementSequence). */
const SEQUENCES = 2 ** 31

/** The sequence that follows `count` records which began at `sequence`. */
export function sequenceAfter(sequence: number, count: number): number {
  return (sequence + count) % SEQUENCES
}

/**
 * Where to begin with a leader that has forgotten the writer: it takes any sequence. Not at 0 each time, as a request
 * that an earlier generation still has in hand would then fit by chance. The half below 2^30 leaves room to count.
 */
export function freshSequence(generation: number, end: number): number {
  return Math.imul(Math.imul(generation, 0x9e3779b1) ^ end, 0x85ebca6b) >>> 2
}
