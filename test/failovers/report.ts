import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../run/suites.ts'
import type { RoundReport } from './round.ts'

/** A goal of the product, not of a machine that does other work: it is told, and fails nothing. */
const RTO_GOAL_MS = 10_000

/** The end of a run, for people. */
export function tableOf(seed: number, reports: readonly RoundReport[]): string[] {
  const sum = (of: (report: RoundReport) => number) => reports.reduce((total, one) => total + of(one), 0)
  const names = [...new Set(reports.flatMap(({ rtoMs }) => Object.keys(rtoMs)))].sort()
  const exact = reports.filter(({ findings }) => findings.length === 0).length
  const withLoss = reports.filter(({ lostInAll }) => lostInAll > 0).length
  const rows: readonly (readonly [string, string])[] = [
    ['seed', String(seed)],
    ['rounds', `${reports.length}, of them ${exact} without a finding, ${withLoss} with a loss`],
    [
      'records',
      `${sum(({ acknowledged }) => acknowledged)} acknowledged, ${sum(({ lostInAll }) => lostInAll)} lost`,
    ],
    ['receipts', `${sum(({ receipt }) => receipt.lost.records ?? 0)} records lost`],
    ...blowsOf(reports),
    ['to the first step', spread(reports.map(({ planMs }) => planMs))],
    ['command', spread(reports.map(({ tookMs }) => tookMs))],
    ...names.map((name) => [name, spread(reports.flatMap(({ rtoMs }) => rtoMs[name] ?? []))] as const),
  ]
  return rows.map(([name, value]) => `${name.padEnd(20)} ${value}`)
}

/** By what became of the primary. */
function blowsOf(reports: readonly RoundReport[]): [string, string][] {
  const slowest = ({ rtoMs }: RoundReport) => Math.max(...Object.values(rtoMs))
  return [...Map.groupBy(reports, ({ moment }) => moment.blow)].map(([blow, rounds]) => {
    const soon = rounds.filter((round) => slowest(round) < RTO_GOAL_MS).length
    return [blow, `${soon} of ${rounds.length} within 10 s; slowest client ${spread(rounds.map(slowest))}`]
  })
}

/** Writes all of it beside the results of the tests; gives its path from the root. */
export function keepReport(seed: number, reports: readonly RoundReport[]): string {
  const path = join('.kmc', 'test', `failovers-${seed}.json`)
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), `${JSON.stringify(reports, null, 2)}\n`)
  return path
}

function spread(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0
  return `${sorted[0] ?? 0} / ${middle} / ${sorted.at(-1) ?? 0} ms (least, median, most)`
}
