import type { Finding, SimReport } from '../../../sim/index.ts'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { Exit, type ExitCode } from '../exit.ts'
import type { Output } from '../output.ts'
import { LiveArea } from '../terminal/progress.ts'
import { groupDigits } from '../terminal/table.ts'
import { parseCount } from '../terminal/units.ts'

type SimCommandOptions = {
  readonly seed: string
  readonly runs: string
  readonly scenario?: string
  readonly list?: true
  readonly trace?: true
}

const SEED_RANGE = { min: 0, max: 2 ** 31 - 1 }
const RUNS_RANGE = { min: 1, max: 10_000_000 }

export const sim: CommandDefinition<SimCommandOptions> = {
  description:
    'Runs the exact link on simulated clusters in virtual time: each seed draws applications, brokers and faults ' +
    '(lost and late answers, crashes, leader changes, retention, truncation, foreign writers, clocks), and the ' +
    'invariants I1 to I7 are checked after every append, and that all is in step once it was healed. The same seed ' +
    'always does the same. Fails when an invariant breaks, and names the fewest faults that break it.',
  examples: [
    ['kmc sim', '200 seeds'],
    ['kmc sim --seed 4711 --runs 1 --trace', 'one run with everything that happened in it'],
    ['kmc sim --scenario retention-overtakes --runs 50', 'a known hazard in 50 different worlds'],
  ],
  configure: (command) =>
    command
      .option('--seed <n>', 'the first seed', '1')
      .option('--runs <n>', 'how many seeds', '200')
      .option('--scenario <name>', 'a hazard by its name, see --list')
      .option('--list', 'print the scenarios')
      .option('--trace', 'print every step of the first seed, and run no other'),
  stopMs: 15_000,
  run: runSim,
}

async function runSim({ out, signal }: CommandContext, options: SimCommandOptions): Promise<ExitCode> {
  const { planFor, scenarios, seedsOf, simulate } = await import('../../../sim/index.ts')
  if (options.list) {
    const columns = [
      { title: 'scenario', value: ({ name }: { readonly name: string }) => name },
      { title: 'what', value: ({ what }: { readonly what: string }) => what },
    ]
    await out.rows(
      scenarios.map(({ name, what }) => ({ name, what })),
      columns,
      'no scenarios',
    )
    return Exit.ok
  }
  const scenario = options.scenario ?? null
  if (scenario !== null && !scenarios.some(({ name }) => name === scenario)) {
    throw usageError(`there is no scenario ${scenario}`, 'See what there is: kmc sim --list')
  }
  const seed = parseCount(options.seed, '--seed', SEED_RANGE)
  const asked = { seed, runs: parseCount(options.runs, '--runs', RUNS_RANGE), scenario }
  const { from, count } = seedsOf(asked)
  if (options.trace) {
    const { runPlan } = await import('../../../sim/run.ts')
    const { trace, violation } = await runPlan(planFor(from, scenario), { trace: true })
    for (const line of trace) out.line(line)
    return violation === null ? Exit.ok : Exit.failed
  }
  const live = new LiveArea(out.stderr)
  const onRun = (done: number) => {
    if (out.format !== 'table' || done % 20 !== 0) return
    live.draw([out.palette.dim(`${groupDigits(done)} of ${groupDigits(count)} seeds`)])
  }
  const report = await simulate({ ...asked, signal, onRun }).finally(() => live.clear())
  await out.value(report, () => print(report, out))
  return report.findings.length === 0 && report.runs === count ? Exit.ok : Exit.failed
}

function print(report: SimReport, out: Output): void {
  for (const finding of report.findings) printFinding(finding, report, out)
  const { seeds, runs, steps, virtualMs, findings } = report
  const world = `${groupDigits(steps)} steps, ${groupDigits(Math.round(virtualMs / 3_600_000))} h of virtual time`
  const verdict = findings.length === 0 ? 'no invariant broken' : `${findings.length} broken`
  out.line(`seeds ${seeds.from} to ${seeds.to}: ${groupDigits(runs)} runs, ${world}: ${verdict}`)
}

function printFinding(
  { seed, invariant, message, atMs, plan }: Finding,
  report: SimReport,
  out: Output,
): void {
  out.line(out.palette.bad(`seed ${seed}: ${invariant} after ${atMs} ms: ${message}`))
  for (const { kind, at, ms } of plan.faults) out.line(`  ${String(at).padStart(6)} ms  ${kind} (${ms} ms)`)
  const named = report.scenario === null ? '' : ` --scenario ${report.scenario}`
  out.line(`  see it: kmc sim --seed ${seed} --runs 1${named} --trace`)
}
