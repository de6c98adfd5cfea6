import { cpSync, globSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../run/suites.ts'
import type { Anomaly, Journal } from './check/anomalies.ts'
import { type Victim, victims } from './faults/fault.ts'

/** What a run of chaos did and found; kept as JSON. */
export type ChaosReport = {
  readonly seed: number
  readonly startedAt: string
  readonly durationMs: number
  readonly rounds: number
  readonly kills: Readonly<Record<Victim, number>>
  /** How often each fault was done. */
  readonly faults: Readonly<Record<string, number>>
  /** From the end of each round's faults until everything was in step again. */
  readonly healedAfterMs: readonly number[]
  readonly ids: { readonly acknowledged: number; readonly aborted: number; readonly unknown: number }
  /** Records that foreign readers compared after each round, and at the end once more from the first to the last. */
  readonly compared: { readonly inRounds: number; readonly atTheEnd: number }
  readonly anomalies: readonly Anomaly[]
  readonly notes: readonly string[]
}

export function killsOf(report: Pick<ChaosReport, 'kills'>): number {
  return victims.reduce((sum, victim) => sum + report.kills[victim], 0)
}

export function idsOf(journals: readonly Journal[]): ChaosReport['ids'] {
  const letters = journals.map(({ outcomes }) => outcomes).join('')
  const count = (letter: string) => letters.split(letter).length - 1
  return { acknowledged: count('a'), aborted: count('f'), unknown: count('u') }
}

/** The end of a run, for people. */
export function tableOf(report: ChaosReport): string[] {
  const { kills, faults, healedAfterMs, ids, compared, notes, anomalies } = report
  const rows: readonly (readonly [string, string])[] = [
    ['seed', String(report.seed)],
    ['time', `${Math.round(report.durationMs / 1000)} s, ${report.rounds} rounds`],
    ['kills', `${killsOf(report)}: ${victims.map((victim) => `${victim} ${kills[victim]}`).join(', ')}`],
    ...Object.entries(faults).map(([name, count]) => [name, String(count)] as const),
    ['healed after', `${healedAfterMs.map((ms) => (ms / 1000).toFixed(1)).join(' ')} s`],
    ['ids', `${ids.acknowledged} acknowledged, ${ids.aborted} aborted, ${ids.unknown} unknown`],
    ['compared', `${compared.inRounds} records in rounds, ${compared.atTheEnd} at the end`],
    ...notes.map((note) => ['note', note] as const),
    ['anomalies', String(anomalies.length)],
  ]
  return rows.map(([name, value]) => `${name.padEnd(28)} ${value}`)
}

/** Copies the logs of brokers and of kmc, so that they outlive a run that failed; gives their folder from the root. */
export function keepLogs(seed: number, folders: Readonly<Record<string, string>>): string {
  const path = join('.kmc', 'test', `chaos-${seed}-logs`)
  rmSync(join(root, path), { recursive: true, force: true })
  for (const [name, folder] of Object.entries(folders)) {
    for (const file of globSync('{.kmc,node-*}/logs/*.{log,out}', { cwd: folder })) {
      cpSync(join(folder, file), join(root, path, name, file))
    }
  }
  return path
}

/** Writes the report beside the results of the tests; gives its path from the root. */
export function keepReport(report: ChaosReport): string {
  const path = join('.kmc', 'test', `chaos-${report.seed}.json`)
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), `${JSON.stringify(report, null, 2)}\n`)
  return path
}
