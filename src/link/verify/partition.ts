import { createHash } from 'node:crypto'
import type { VisibleRecord } from '../../client/records/visible.ts'
import type { SourcePort, TopicPartition } from '../port.ts'
import { differingRanges, RANGE_OFFSETS, type RangeDigest, RangeDigests } from './digest.ts'
import { LatestByKey } from './latest.ts'
import { readVisible } from './read.ts'
import type { PartitionVerdict } from './report.ts'

/** One side of a comparison. */
export type Side = { readonly port: SourcePort; readonly at: TopicPartition }

export type Comparison = {
  readonly source: Side
  readonly mirror: Side
  readonly from: number
  readonly to: number
  /** On a compacted topic each side's cleaner runs on its own, so only the newest record of a key must agree. */
  readonly compacted: boolean
  readonly signal?: AbortSignal
  readonly onRecords?: (count: number) => void
}

type Outcome = Pick<
  PartitionVerdict,
  'records' | 'equal' | 'firstDifference' | 'sourceDigest' | 'mirrorDigest' | 'compared'
>

/** Compares what a read_committed reader gets in [from, to) on both sides. */
export async function comparePartition(comparison: Comparison): Promise<Outcome> {
  const [source, mirror] = await Promise.all([
    scan(comparison.source, comparison),
    scan(comparison.mirror, comparison),
  ])
  const sides = {
    sourceDigest: overall(source.ranges),
    mirrorDigest: overall(mirror.ranges),
    records: source.records,
  }
  if (comparison.compacted) {
    const firstDifference = source.latest.firstDifference(mirror.latest)
    const equal = firstDifference === null && !source.latest.full && !mirror.latest.full
    return { ...sides, compared: 'latest', equal, firstDifference }
  }
  const [range] = differingRanges(source.ranges, mirror.ranges)
  const firstDifference = range === undefined ? null : await firstDifferenceIn(range, comparison)
  return { ...sides, compared: 'records', equal: range === undefined, firstDifference }
}

type Scan = {
  readonly records: number
  readonly ranges: readonly RangeDigest[]
  readonly latest: LatestByKey
}

async function scan(side: Side, { from, to, compacted, signal, onRecords }: Comparison): Promise<Scan> {
  const digests = new RangeDigests()
  const latest = new LatestByKey()
  let records = 0
  for await (const step of readVisible(side.port, side.at, { from, to }, signal)) {
    for (const record of step.records) {
      digests.add(record)
      if (compacted) latest.add(record)
    }
    records += step.records.length
    onRecords?.(step.records.length)
  }
  return { records, ranges: digests.finish(), latest }
}

/** Reads one range of both sides again and names the lowest offset that is not the same on both. */
async function firstDifferenceIn(range: number, comparison: Comparison): Promise<number> {
  const from = Math.max(range, comparison.from)
  const to = Math.min(range + RANGE_OFFSETS, comparison.to)
  const [source, mirror] = await Promise.all([
    collect(comparison.source, from, to),
    collect(comparison.mirror, from, to),
  ])
  const offsets = [...new Set([...source.keys(), ...mirror.keys()])].sort((a, b) => a - b)
  return offsets.find((offset) => source.get(offset) !== mirror.get(offset)) ?? from
}

async function collect(side: Side, from: number, to: number): Promise<Map<number, string>> {
  const records = new Map<number, string>()
  for await (const step of readVisible(side.port, side.at, { from, to })) {
    for (const record of step.records) records.set(record.offset, fingerprint(record))
  }
  return records
}

function fingerprint(record: VisibleRecord): string {
  return `${record.timestamp}/${createHash('sha256').update(record.body).digest('hex')}`
}

function overall(ranges: readonly RangeDigest[]): string {
  const hash = createHash('sha256')
  for (const { from, records, digest } of ranges) hash.update(`${from}:${records}:${digest};`)
  return hash.digest('hex')
}
