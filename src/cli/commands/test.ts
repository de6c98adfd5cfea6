import type { CommandContext, CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { parseDuration } from '../terminal/units.ts'

type TestOptions = {
  readonly only: readonly string[]
  readonly grep?: string
  readonly unit?: true
  readonly real?: true
  readonly list?: true
  readonly update?: true
  readonly limit: string
}

export const test: CommandDefinition<TestOptions> = {
  description:
    'Runs the tests of kmc itself: house rules, types, lint, unit tests, then the suites against real Kafka ' +
    'clusters that it starts and ends on this machine. The last line says what passed, failed and was skipped; ' +
    'the same with every detail is written to .kmc/test/results.json. Fails when nothing ran.',
  examples: [
    ['kmc test', 'everything; at most 15 minutes on 2 cores'],
    ['kmc test --unit', 'what needs no broker'],
    ['kmc test --only wire --only test/real/groups', 'suites by name, files by a part of their path'],
    ['kmc test --only tidy --update', 'write the generated pages of docs/reference anew'],
  ],
  configure: (command) =>
    command
      .option('--only <suite-or-path>', 'suites by name, files by a part of their path', collect, [])
      .option('--grep <pattern>', 'only tests whose name matches the regular expression')
      .option('--unit', 'only what needs no broker')
      .option('--real', 'only suites against real brokers')
      .option('--list', 'print what would run')
      .option('--update', 'let tests of generated files write them anew')
      .option('--limit <duration>', 'end the whole run after this', '15m'),
  stopMs: 15_000,
  run: runTestCommand,
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

async function runTestCommand(context: CommandContext, options: TestOptions): Promise<ExitCode> {
  const { choose } = await import('../../../test/run/suites.ts')
  if (options.unit && options.real) throw usageError('--unit and --real exclude each other')
  const kind = options.unit ? 'unit' : options.real ? 'real' : 'all'
  const chosen = await choose({ only: options.only, kind })
  if (chosen.length === 0) {
    throw usageError('no suite and no test file matches', 'See what there is: kmc test --list')
  }
  const { listTests, showRun } = await import('../../../test/run/show.ts')
  if (options.list) return await listTests(chosen, context.out)
  if (options.update) process.env.KMC_UPDATE = '1'
  const limitMs = parseDuration(options.limit, '--limit')
  const report = await showRun({ chosen, grep: options.grep, limitMs, signal: context.signal }, context.out)
  return report.failed === 0 && report.passed > 0 ? Exit.ok : Exit.failed
}
