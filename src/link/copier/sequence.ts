/** Kafka's sequence numbers count to 2^31-1 and go on at 0 (DefaultRecordBatch.incrementSequence). */
const SEQUENCES = 2 ** 31

/** The sequence that follows `count` records which began at `sequence`. */
export function sequenceAfter(sequence: number, count: number): number {
  return (sequence + count) % SEQUENCES
}
