import type { CommandContext, CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { parseDuration } from '../terminal/units.ts'

type TestOptions = {
  readonly only: readonly string[]
  readonly grep?: string
  readonly unit?: true
  readonly real?: true
  readonly chaos?: true
  readonly failovers?: true
  readonly switches?: true
  readonly seed?: string
  readonly list?: true
  readonly update?: true
  readonly limit?: string
}

const LIMIT = '25m'
const LONG_LIMITS = { chaos: '25m', failovers: '45m', switches: '30m' } as const
/** The runner ends a long run that does not end itself in time. */
const LONG_GRACE_MS = 300_000

export const test: CommandDefinition<TestOptions> = {
  description:
    'Runs the tests of kmc itself: house rules, types, lint, unit tests, then the suites against real Kafka ' +
    'clusters that it starts and ends on this machine. The last line says what passed, failed and was skipped; ' +
    'the same with every detail is written to .kmc/test/results.json. Fails when nothing ran.',
  examples: [
    ['kmc test', 'everything; at most 25 minutes on 2 cores'],
    ['kmc test --unit', 'what needs no broker'],
    ['kmc test --only wire --only test/real/groups', 'suites by name, files by a part of their path'],
    ['kmc test --chaos', '200 kills and other faults on two clusters of three brokers; about 25 minutes'],
    ['kmc test --chaos --seed 7 --limit 8m', 'the same faults again, as many as 8 minutes hold'],
    ['kmc test --failovers', 'the primary of a route killed at 20 random moments; about 20 minutes'],
    ['kmc test --switches --limit 1h', 'clients of every kind moved there and back for an hour'],
    ['kmc test --only tidy --update', 'write the generated pages of docs/reference anew'],
  ],
  configure: (command) =>
    command
      .option('--only <suite-or-path>', 'suites by name, files by a part of their path', collect, [])
      .option('--grep <pattern>', 'only tests whose name matches the regular expression')
      .option('--unit', 'only what needs no broker')
      .option('--real', 'only suites against real brokers')
      .option('--chaos', 'only the long run of faults on real brokers, which no other run has')
      .option('--failovers', 'only the long run of failovers after a crash, which no other run has')
      .option('--switches', 'only the long run of planned switches, which no other run has')
      .option('--seed <number>', 'repeat what was drawn in this long run')
      .option('--list', 'print what would run')
      .option('--update', 'let tests of generated files write them anew')
      .option('--limit <duration>', `end the whole run after this (default: ${LIMIT}; ${longLimits()})`),
  stopMs: 15_000,
  run: runTestCommand,
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

async function runTestCommand(context: CommandContext, options: TestOptions): Promise<ExitCode> {
  const { choose, isLongKind, longKinds } = await import('../../../test/run/suites.ts')
  const kinds = (['unit', 'real', ...longKinds] as const).filter((kind) => options[kind])
  if (kinds.length > 1) {
    throw usageError(`${kinds.map((kind) => `--${kind}`).join(' and ')} exclude each other`)
  }
  const kind = kinds[0] ?? 'all'
  const chosen = await choose({ only: options.only, kind })
  if (chosen.length === 0) {
    throw usageError('no suite and no test file matches', 'See what there is: kmc test --list')
  }
  const { listTests, showRun } = await import('../../../test/run/show.ts')
  if (options.list) return await listTests(chosen, context.out)
  if (options.update) process.env.KMC_UPDATE = '1'
  const limitMs = limitOf(isLongKind(kind) ? kind : null, options)
  const report = await showRun({ chosen, grep: options.grep, limitMs, signal: context.signal }, context.out)
  return report.failed === 0 && report.passed > 0 ? Exit.ok : Exit.failed
}

function longLimits(): string {
  return Object.entries(LONG_LIMITS)
    .map(([kind, limit]) => `with --${kind} ${limit}`)
    .join(', ')
}

/** How long the run may take. A long run knows its own limit, so that it ends with its proof and not in a fault. */
function limitOf(long: keyof typeof LONG_LIMITS | null, { limit, seed }: TestOptions): number {
  if (long === null) {
    if (seed !== undefined) throw usageError('--seed goes with --chaos and --failovers')
    return parseDuration(limit ?? LIMIT, '--limit')
  }
  const limitMs = parseDuration(limit ?? LONG_LIMITS[long], '--limit')
  process.env.KMC_LONG_LIMIT_MS = String(limitMs)
  if (seed !== undefined) {
    if (!/^\d{1,9}$/.test(seed)) throw usageError(`--seed takes a number of up to nine digits, not ${seed}`)
    process.env.KMC_LONG_SEED = seed
  }
  return limitMs + LONG_GRACE_MS
}
