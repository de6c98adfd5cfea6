import { Codec } from '../../src/wire/compression/codec.ts'

/** One kind of record stream that mirrors are measured with; `reference` names are p1k, p100, p10k and p1k-long. */
export type Shape = {
  readonly name: string
  readonly records: number
  /** Key and value together. */
  readonly recordBytes: number
  /** As many as a producer with the default batch.size of 16 KiB (p10k: a larger one) puts into a batch. */
  readonly recordsPerBatch: number
  readonly codec: number
  /** Kafka's name of the codec. */
  readonly compression: 'none' | 'lz4' | 'zstd'
}

export const PARTITIONS = 8

const p1k = { recordBytes: 1024, recordsPerBatch: 19, codec: Codec.LZ4, compression: 'lz4' } as const
const p100 = { recordBytes: 100, recordsPerBatch: 146, codec: Codec.NONE, compression: 'none' } as const
const p10k = { recordBytes: 10_240, recordsPerBatch: 45, codec: Codec.ZSTD, compression: 'zstd' } as const

/** The sets of a whole run. p1k-long shows what is left of the speed when it must last. */
export const shapes: readonly Shape[] = [
  { name: 'p1k', records: 1_000_000, ...p1k },
  { name: 'p100', records: 5_000_000, ...p100 },
  { name: 'p10k', records: 100_000, ...p10k },
  { name: 'p1k-long', records: 3_500_000, ...p1k },
]

/** The share of each set that is left for a quick look, in which p1k-long would take too long. */
const QUICK_SHARE = 0.5

export const quickShapes: readonly Shape[] = shapes
  .filter(({ name }) => name !== 'p1k-long')
  .map((shape) => ({ ...shape, records: Math.round(shape.records * QUICK_SHARE) }))
