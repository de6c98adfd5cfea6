import { buildBatch } from '../../src/wire/batch/build.ts'
import { Random } from '../random.ts'
import { PARTITIONS, type Shape } from './shapes.ts'

/** Batches ready to be produced: a pool that is gone through again and again until `batches` were written. */
export type Content = {
  readonly shape: Shape
  readonly pool: readonly Buffer[]
  /** How many batches each partition gets. */
  readonly batchesPerPartition: number
  readonly records: number
  readonly bytes: number
}

/** Different batches a set is made of; enough that no codec's window ever sees the same record twice. */
const POOL_RAW_BYTES = 24 * 1024 * 1024
const SEED = 20_260_101
/** 2026-01-01; the topics keep records of any age. */
const FIRST_TIMESTAMP = 1_767_225_600_000
const KEY_BYTES = 8
/** Of a value that no codec makes smaller before entropy coding: lz4 gets a set down to about 0.7, zstd to 0.4. */
const RANDOM_SHARE = 0.64

const goods = ['green tea', 'coffee beans', 'oat milk', 'rye bread', 'apples', 'dark chocolate', 'olive oil']
const cities = ['Seoul', 'Busan', 'Ashburn', 'Frankfurt', 'Osaka', 'Singapore']
const HEX = Buffer.from('0123456789abcdef')

/** The same bytes for the same shape in every run. */
export function makeContent(shape: Shape): Content {
  const { records, recordsPerBatch } = shape
  const batchesPerPartition = Math.max(1, Math.round(records / recordsPerBatch / PARTITIONS))
  const total = batchesPerPartition * PARTITIONS
  const pool = makePool(shape, total)
  let bytes = 0
  for (let index = 0; index < total; index++) bytes += pool[index % pool.length]!.length
  return { shape, pool, batchesPerPartition, records: total * recordsPerBatch, bytes }
}

/** Different batches of a shape, at most `batchesMax` of them. */
export function makePool(shape: Shape, batchesMax = Number.POSITIVE_INFINITY): Buffer[] {
  const { recordBytes, recordsPerBatch, codec } = shape
  const size = Math.min(batchesMax, Math.ceil(POOL_RAW_BYTES / (recordBytes * recordsPerBatch)))
  const random = new Random(SEED)
  return Array.from({ length: size }, (_, batch) => {
    const list = Array.from({ length: recordsPerBatch }, (_, index) => ({
      timestamp: FIRST_TIMESTAMP + batch * recordsPerBatch + index,
      ...makeRecord(random, recordBytes),
    }))
    return buildBatch({ records: list, codec })
  })
}

/** An order of a shop as JSON, filled up to its size with goods and a token. */
function makeRecord(random: Random, recordBytes: number): { key: Buffer; value: Buffer } {
  const customer = 10_000_000 + random.below(90_000_000)
  const size = recordBytes - KEY_BYTES
  const tokenBytes = Math.floor(size * RANDOM_SHARE)
  let text = `{"order":${random.below(1e9)},"to":"${random.of(cities)}","goods":[`
  const tail = '],"token":"'
  while (text.length + tail.length + tokenBytes < size - 48) {
    text += `{"item":"${random.of(goods)}","count":${random.below(10)},"price":"${random.below(100)}.90"},`
  }
  text = (text + tail).slice(0, size)
  const value = Buffer.alloc(size, '-')
  value.write(text, 'latin1')
  const end = Math.min(size - 2, text.length + tokenBytes)
  for (let at = text.length; at < end; at++) value[at] = HEX[random.below(16)]!
  value.write('"}', size - 2, 'latin1')
  return { key: Buffer.from(String(customer)), value }
}
