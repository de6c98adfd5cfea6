import { crc32cDifference, crc32cShift } from '../crc32c.ts'
import { wireError } from '../errors.ts'
import { AT, ATTRIBUTE, MAGIC, UNCOUNTED_BYTES } from './layout.ts'

/** Who writes a batch: what an idempotent producer puts into each header. */
export type ProducerStamp = {
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
}

const CLEARED = ATTRIBUTE.logAppendTime | ATTRIBUTE.transactional | ATTRIBUTE.deleteHorizon
const ATTRIBUTES_LOW = AT.attributes + 1
const TWO_32 = 0x100000000

/**
 * Makes a fetched batch one that this producer writes, in place: base offset 0, leader epoch -1, the bits for
 * log append time, transaction and delete horizon cleared, producer id, epoch and sequence set. The CRC is
 * patched by what changed, not computed anew, so a batch that was damaged stays detectably damaged.
 * `batch` is exactly one batch. Allocates nothing. Errors: BATCH_TRUNCATED, BATCH_UNSUPPORTED_MAGIC,
 * BATCH_MALFORMED, WIRE_VALUE_OUT_OF_RANGE; then nothing was changed.
 */
export function rewriteBatchHeader(batch: Buffer, stamp: ProducerStamp): void {
  checkBatch(batch)
  checkStamp(stamp)
  // Loops, because fill() goes into native code: dearer than all the rest of this function.
  for (let at = AT.baseOffset; at < AT.batchLength; at++) batch[at] = 0
  for (let at = AT.partitionLeaderEpoch; at < AT.magic; at++) batch[at] = 0xff

  const attributes = batch[ATTRIBUTES_LOW]!
  let difference = crc32cDifference(0, attributes & CLEARED)
  batch[ATTRIBUTES_LOW] = attributes & ~CLEARED
  if (difference !== 0) difference = crc32cShift(difference, AT.producerId - ATTRIBUTES_LOW - 1)
  const { producerId, producerEpoch, baseSequence } = stamp
  difference = putInt32(batch, AT.producerId, Math.floor(producerId / TWO_32), difference)
  difference = putInt32(batch, AT.producerId + 4, producerId | 0, difference)
  difference = putByte(batch, AT.producerEpoch, producerEpoch >> 8, difference)
  difference = putByte(batch, AT.producerEpoch + 1, producerEpoch, difference)
  difference = putInt32(batch, AT.baseSequence, baseSequence, difference)
  difference = crc32cShift(difference, batch.length - AT.recordCount)

  const crc = batch.readInt32BE(AT.crc) ^ difference
  batch.writeInt32BE(crc, AT.crc)
}

function checkBatch(batch: Buffer): void {
  if (batch.length < AT.records) {
    throw wireError('BATCH_TRUNCATED', `batch of ${batch.length} bytes, a header alone has ${AT.records}`)
  }
  const magic = batch[AT.magic]!
  if (magic !== MAGIC) throw wireError('BATCH_UNSUPPORTED_MAGIC', `batch has format ${magic}, not 2`)
  const size = batch.readInt32BE(AT.batchLength) + UNCOUNTED_BYTES
  if (size === batch.length) return
  throw wireError('BATCH_MALFORMED', `batch says it has ${size} bytes, ${batch.length} are given`)
}

function checkStamp({ producerId, producerEpoch, baseSequence }: ProducerStamp): void {
  if (
    Number.isSafeInteger(producerId) &&
    producerEpoch === (producerEpoch << 16) >> 16 &&
    baseSequence === (baseSequence | 0)
  ) {
    return
  }
  const facts = `producer id ${producerId}, epoch ${producerEpoch}, sequence ${baseSequence}`
  throw wireError('WIRE_VALUE_OUT_OF_RANGE', `batch header: ${facts} do not fit`)
}

function putInt32(batch: Buffer, at: number, value: number, difference: number): number {
  let next = putByte(batch, at, value >> 24, difference)
  next = putByte(batch, at + 1, value >> 16, next)
  next = putByte(batch, at + 2, value >> 8, next)
  return putByte(batch, at + 3, value, next)
}

/** Stores a byte and takes the change into the CRC difference. */
function putByte(batch: Buffer, at: number, value: number, difference: number): number {
  const byte = value & 0xff
  const next = crc32cDifference(difference, batch[at]! ^ byte)
  batch[at] = byte
  return next
}
