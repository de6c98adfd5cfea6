import { counted } from '../plan/words.ts'
import type { AckedRecord, FarewellRecord, GatewayRecord } from '../state/records.ts'
import type { CopyEnds } from './copy-ends.ts'
import type { LostPartition } from './memo.ts'

/** Who can tell what was acknowledged. */
export type Witnesses = {
  readonly gateways: readonly GatewayRecord[]
  /** Of those that ended in order while the route led to the cluster that is left. */
  readonly farewells: readonly FarewellRecord[]
  /** When clients began to wait. */
  readonly heldFrom: number
}

/** What was acknowledged through a route and is not on the cluster that takes over. */
export type Loss = {
  /** Null where no gateway has told anything. */
  readonly lost: readonly LostPartition[] | null
  /** Why more may be lost, in sentences; without any, `lost` is exact for what came through the route. */
  readonly atLeast: readonly string[]
  /** What is not in the count, and why not. */
  readonly uncounted: readonly string[]
}

type Told = { readonly gateway: GatewayRecord; readonly acked: AckedRecord }

/** What a process saw so soon after its beginning, or nothing for so long, another one may have seen before it. */
const YOUNG_MS = 10_000

/**
 * Adds up what the gateways of a route have seen acknowledged where mirrors end and behind that. Pure. A mirror holds
 * the same records at the same offsets, so this is the loss to the record; of transactions only those are counted whose
 * commit was acknowledged.
 */
export function countLoss({ gateways, farewells, heldFrom }: Witnesses, ends: CopyEnds): Loss {
  const told = gateways.flatMap((gateway): Told[] =>
    gateway.acked === null ? [] : [{ gateway, acked: gateway.acked }],
  )
  const lost = sumUp(told, ends)
  return {
    lost: told.length === 0 ? null : lost,
    atLeast: [
      ...gateways.filter(({ acked }) => acked === null).map(({ id }) => `gateway ${id} could not be asked`),
      ...told.flatMap((one) => doubtsOf(one, heldFrom)),
      ...farewells.flatMap((one) => doubtsOfEnded(one, ends)),
      ...shortOf(lost),
    ],
    uncounted: [...leftAside(told), ...notesOf(lost)],
  }
}

function sumUp(told: readonly Told[], ends: CopyEnds): LostPartition[] {
  const found = new Map<string, LostPartition>()
  for (const { acked } of told) {
    for (const [topic, partitions] of Object.entries(acked.topics)) {
      for (const one of partitions) {
        const from = ends[topic]?.[one.partition]
        if (from === undefined) continue
        const key = `${topic}-${one.partition}`
        found.set(key, add(found.get(key) ?? none(topic, one.partition, from), one))
      }
    }
  }
  return [...found.values()].map(withGaps).filter(({ records, open, aborted, isShort }) => {
    return records + open + aborted > 0 || isShort
  })
}

function none(topic: string, partition: number, from: number): LostPartition {
  const counts = { records: 0, bytes: 0, byLeader: 0, open: 0, aborted: 0, unaccounted: 0 }
  return { topic, partition, from, to: from, ...counts, firstAt: null, lastAt: null, isShort: false }
}

function add(sum: LostPartition, one: AckedRecord['topics'][string][number]): LostPartition {
  const times = (a: number | null, b: number | null) => [a, b].filter((at) => at !== null)
  const first = times(sum.firstAt, one.firstAt)
  const last = times(sum.lastAt, one.lastAt)
  return {
    ...sum,
    to: Math.max(sum.to, one.end),
    records: sum.records + one.records,
    bytes: sum.bytes + one.bytes,
    byLeader: sum.byLeader + one.byLeader,
    open: sum.open + one.open,
    aborted: sum.aborted + one.aborted,
    firstAt: first.length === 0 ? null : Math.min(...first),
    lastAt: last.length === 0 ? null : Math.max(...last),
    isShort: sum.isShort || one.isShort,
  }
}

/** What was acknowledged by two gateways is one batch: no more can be lost than there are offsets. */
function withGaps(sum: LostPartition): LostPartition {
  const offsets = sum.to - sum.from
  const records = Math.min(sum.records, offsets)
  return { ...sum, records, unaccounted: Math.max(0, offsets - records - sum.open - sum.aborted) }
}

function doubtsOf({ gateway, acked }: Told, heldFrom: number): string[] {
  const { id } = gateway
  const since = acked.since ?? Number.NEGATIVE_INFINITY
  const seconds = Math.max(0, Math.round((heldFrom - since) / 1_000))
  const young = `gateway ${id} began ${seconds} s before: what one before it saw is not known`
  const first = Math.min(
    heldFrom,
    ...Object.values(acked.topics).flatMap((list) => list.flatMap(({ firstAt }) => firstAt ?? [])),
  )
  const tooMany = `gateway ${id} named those partitions that lack most: ${acked.leftOut} more have a loss`
  return [...(first - since < YOUNG_MS ? [young] : []), ...(acked.leftOut > 0 ? [tooMany] : [])]
}

/** Where every mirror has come as far as a gateway told clients before it ended, nothing of it is missing. */
function doubtsOfEnded({ id, at, ends: told, leftOut }: FarewellRecord, ends: CopyEnds): string[] {
  const beyond = Object.entries(told)
    .flatMap(([topic, list]) => list.map(([partition, end]) => end - (ends[topic]?.[partition] ?? end)))
    .filter((more) => more > 0)
  const records = beyond.reduce((sum, more) => sum + more, 0)
  const who = `gateway ${id}, which ended at ${new Date(at).toISOString()},`
  return [
    ...(beyond.length === 0
      ? []
      : [
          `${who} had told clients of records up to ${records} offsets behind mirrors, in ${counted(beyond.length, 'partition')}`,
        ]),
    ...(leftOut === 0 ? [] : [`${who} left out ${leftOut} partitions of what it had told clients`]),
  ]
}

function shortOf(lost: readonly LostPartition[]): string[] {
  const short = lost.filter(({ isShort }) => isShort)
  if (short.length === 0) return []
  return [`in ${short.length} partitions more was acknowledged behind the mirror than gateways remember`]
}

function leftAside(told: readonly Told[]): string[] {
  const topics = new Set(told.flatMap(({ acked }) => acked.unanswered))
  const elsewhere = new Map<string, number>()
  for (const { acked } of told) {
    for (const [topic, records] of Object.entries(acked.elsewhere)) {
      // The probe of a run writes through the route as well.
      if (!topic.startsWith('__kmc')) elsewhere.set(topic, (elsewhere.get(topic) ?? 0) + records)
    }
  }
  const names = [...elsewhere].map(([topic, records]) => `${topic} (at least ${records} records)`)
  return [
    ...(topics.size > 0
      ? [`records sent with acks=0, of which nobody was told: ${[...topics].join(', ')}`]
      : []),
    ...(names.length > 0 ? [`topics without a mirror: ${names.join(', ')}`] : []),
  ]
}

function notesOf(lost: readonly LostPartition[]): string[] {
  const sum = (of: (one: LostPartition) => number) => lost.reduce((total, one) => total + of(one), 0)
  const [open, aborted] = [sum((one) => one.open), sum((one) => one.aborted)]
  const [byLeader, unaccounted] = [sum((one) => one.byLeader), sum((one) => one.unaccounted)]
  return [
    ...(open > 0 ? [`${open} records of transactions whose commit was not acknowledged`] : []),
    ...(aborted > 0 ? [`${aborted} records of transactions that were aborted`] : []),
    ...(unaccounted > 0
      ? [`${unaccounted} offsets of markers, requests without an answer, and writers past the route`]
      : []),
    ...(byLeader > 0
      ? [`${byLeader} of the records counted were acknowledged by their leader alone (acks=1)`]
      : []),
  ]
}
