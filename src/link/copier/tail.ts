import { AbortedTransactions } from '../../client/records/aborted.ts'
import {
  type BatchHeader,
  isControl,
  isTransactional,
  iterateBatches,
  lastOffset,
  readBatchHeader,
  verifyCrc,
} from '../../wire/batch/header.ts'
import { readRecords } from '../../wire/batch/records.ts'
import { corruptBatch } from '../errors.ts'
import type { Fetched } from '../port.ts'
import type { SourceEpochs } from './source-epochs.ts'

/**
 * Where the two sides differ, and in which leader epoch the source wrote what it has there. `sameEpoch`: it was read in
 * that epoch before, so that the source is as it was and the mirror is wrong.
 */
export type TailDifference = {
  readonly offset: number
  readonly sourceEpoch: number
  readonly sameEpoch: boolean
}

/** `to`: how far the two were compared. */
export type TailComparison = { readonly found: TailDifference | null; readonly to: number }

/** A batch of the mirror, which ends below `position`, and the source's leader epochs when it was copied. */
type Mirrored = {
  readonly tail: Buffer
  /** From here on to its end the mirror has nothing that a reader sees: markers, or what was aborted. */
  readonly markersFrom: number
  readonly position: number
  readonly epochs: SourceEpochs
}

type Content = {
  readonly bodies: ReadonlyMap<number, Buffer>
  readonly first: number
  readonly last: number
  readonly markersFrom: number
}

/**
 * Compares the mirror's last batch of records, and the markers behind it, with what the source has at the same offsets,
 * below `position`. A source that lost its tail and grew again holds other records there (unclean leader election,
 * KIP-101); its end alone would not show it. Offsets that only one side shows are no difference, since each side
 * compacts on its own; a record against a control record, or one of an aborted transaction, is; so is another leader
 * epoch than it was copied from.
 * @throws KmcError CORRUPT_BATCH for a source batch that fails its check
 */
export function compareTail(
  fetched: Fetched,
  { tail, markersFrom, position, epochs }: Mirrored,
): TailComparison {
  const mirror = contentOf(tail, markersFrom)
  let to = 0
  const aborted = new AbortedTransactions(fetched.abortedTransactions)
  for (const { header, bytes } of iterateBatches(fetched.records ?? EMPTY)) {
    const end = lastOffset(header) + 1
    to = end
    if (header.baseOffset >= position) break
    const sourceEpoch = header.partitionLeaderEpoch
    const last = Math.min(end, position) - 1
    const copiedEpoch = epochs.at(last)
    const isKnown = copiedEpoch >= 0
    if (isKnown && copiedEpoch !== sourceEpoch) {
      return { found: { offset: last, sourceEpoch, sameEpoch: false }, to }
    }
    aborted.reach(end)
    const unseen = isControl(header) || (isTransactional(header) && aborted.has(header.producerId))
    if (isControl(header)) aborted.forget(header.producerId)
    if (end <= mirror.first || samePayload(header, bytes, tail)) continue
    const offset = unseen ? invented(mirror, header) : changed(mirror, header, bytes, position)
    if (offset !== null) return { found: { offset, sourceEpoch, sameEpoch: isKnown }, to }
  }
  return { found: null, to }
}

function contentOf(tail: Buffer, markersFrom: number): Content {
  const header = readBatchHeader(tail, 0)
  const { baseOffset: first } = header
  const isUnseen = isControl(header) || markersFrom <= first
  const bodies = new Map<number, Buffer>()
  if (!isUnseen) for (const { offset, body } of readRecords(tail)) bodies.set(offset, body)
  return { bodies, first, last: lastOffset(header), markersFrom: isUnseen ? first : markersFrom }
}

/** The mirror has a record where no reader of the source sees one, and never saw one. */
function invented({ bodies }: Content, header: BatchHeader): number | null {
  for (let offset = header.baseOffset; offset <= lastOffset(header); offset++) {
    if (bodies.has(offset)) return offset
  }
  return null
}

function changed(mirror: Content, header: BatchHeader, bytes: Buffer, position: number): number | null {
  if (!verifyCrc(bytes)) throw corruptBatch(header)
  for (const { offset, body } of readRecords(bytes)) {
    // A marker on the mirror stands where the source had nothing to see; compaction brings no record back.
    const isMarker = offset >= mirror.markersFrom
    if (offset < mirror.first || (offset > mirror.last && !isMarker) || offset >= position) continue
    const there = mirror.bodies.get(offset)
    if (isMarker || (there !== undefined && !there.equals(body))) return offset
  }
  return null
}

const RECORDS_AT = 61

/** The everyday case, decided without unpacking: the batch passed as it was. */
function samePayload(header: BatchHeader, bytes: Buffer, tail: Buffer): boolean {
  if (bytes.length !== tail.length || header.baseOffset !== readBatchHeader(tail, 0).baseOffset) return false
  return bytes.subarray(RECORDS_AT).equals(tail.subarray(RECORDS_AT))
}

const EMPTY = Buffer.alloc(0)
