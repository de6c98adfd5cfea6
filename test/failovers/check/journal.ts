import type { FailoverReceipt } from '../../../src/failover/receipt/receipt.ts'
import type { ScannedRecord } from '../../harness/java/client.ts'

/** What a client was told of each of its ids, which count from 0. */
export type Journal = {
  readonly writer: string
  /** Whether its records must stand in the order in which they were sent. */
  readonly isOrdered: boolean
  readonly records: readonly {
    readonly partition: number
    /** `refused` also stands for aborted; of `unknown` nobody can say. */
    readonly outcome: 'acknowledged' | 'refused' | 'unknown'
    readonly offset: number
  }[]
}

export type Comparison = {
  readonly acknowledged: number
  readonly there: number
  /** Acknowledged, and not on the new primary; by partition. */
  readonly lost: Readonly<Record<string, number>>
  readonly lostInAll: number
  /** What contradicts the receipt or the promises, in words; empty when all is well. */
  readonly findings: readonly string[]
}

/**
 * Holds what clients were told against what stands on the cluster that took over and what the receipt says: what was
 * acknowledged is there once and at its offset, or it is lost and counted, to the record. Not `isSure`: a witness died,
 * so the receipt has to say "at least", more may be lost, and what was on its way through it may be there twice.
 */
export function compare(
  journals: readonly Journal[],
  seen: readonly ScannedRecord[],
  receipt: Pick<FailoverReceipt, 'lost' | 'partitions'>,
  isSure = true,
): Comparison {
  const findings: string[] = []
  const lost: Record<string, number> = {}
  const ranges = new Map(receipt.partitions.map((one) => [one.partition, one]))
  for (const { writer, isOrdered, records } of journals) {
    const mine = seen.filter((record) => record.writer === writer)
    const byId = new Map(mine.map((record) => [record.id, record]))
    if (isSure && byId.size !== mine.length)
      findings.push(`${writer}: ${mine.length - byId.size} records stand there twice`)
    if (isSure && isOrdered) findings.push(...disorderOf(writer, mine))
    for (const [id, { partition, outcome, offset }] of records.entries()) {
      const there = byId.get(id)
      if (outcome === 'refused' && there !== undefined)
        findings.push(`${writer} ${id} was refused and is there`)
      if (outcome !== 'acknowledged') continue
      if (there === undefined) {
        lost[partition] = (lost[partition] ?? 0) + 1
        const range = ranges.get(partition)
        if (!isSure) continue
        if (range === undefined || offset < range.continuedAt || offset >= (range.sourceEnd ?? 0))
          findings.push(`${writer} ${id} at ${partition}/${offset} is lost and not in the receipt`)
      } else if (isSure && (there.offset !== offset || there.partition !== partition)) {
        findings.push(`${writer} ${id} was acknowledged at ${partition}/${offset}, is at ${there.offset}`)
      }
    }
  }
  const lostInAll = Object.values(lost).reduce((sum, count) => sum + count, 0)
  const isTrue = (told: number | null, was: number) => (isSure ? told === was : (told ?? 0) <= was)
  for (const { partition, lost: told } of receipt.partitions) {
    if (!isTrue(told.records, lost[partition] ?? 0))
      findings.push(
        `partition ${partition}: the receipt says ${told.records}, lost are ${lost[partition] ?? 0}`,
      )
  }
  if (!isTrue(receipt.lost.records, lostInAll) || (receipt.lost.atLeast === true) === isSure) {
    const atLeast = receipt.lost.atLeast === true ? 'at least ' : ''
    findings.push(`the receipt says ${atLeast}${receipt.lost.records}, lost are ${lostInAll}`)
  }
  const outcomes = journals.flatMap(({ records }) => records.map(({ outcome }) => outcome))
  const acknowledged = outcomes.filter((outcome) => outcome === 'acknowledged').length
  return { acknowledged, there: seen.length, lost, lostInAll, findings }
}

function disorderOf(writer: string, mine: readonly ScannedRecord[]): string[] {
  return [...Map.groupBy(mine, ({ partition }) => partition)].flatMap(([partition, records]) => {
    const wrong = records.findIndex(({ id }, at) => at > 0 && id < records[at - 1]!.id)
    return wrong < 0
      ? []
      : [`${writer}: ${records[wrong]!.id} stands behind a later one in partition ${partition}`]
  })
}
