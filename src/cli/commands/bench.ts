import { writeFile } from 'node:fs/promises'
import type { CommandContext, CommandDefinition } from '../command.ts'
import { usageError } from '../errors.ts'
import { Exit, type ExitCode } from '../exit.ts'
import { parseCount, parseDuration } from '../terminal/units.ts'

type LinkOptions = {
  readonly quick?: true
  readonly shape: readonly string[]
  readonly rounds?: string
  readonly json?: string
  readonly port: string
}

const SHAPES = ['p1k', 'p100', 'p10k', 'p1k-long']
const ROUNDS = 3
const PORT_RANGE = { min: 1024, max: 65_000 }

export const benchLink: CommandDefinition<LinkOptions> = {
  description:
    'Measures the exact link against MirrorMaker 2 (as it comes, and tuned) and against what the brokers alone can ' +
    'do, on two clusters of one broker that it starts and ends on this machine. Machines differ and are noisy: what ' +
    'counts are the ratios, taken in one run. bench/README.md says how each figure is measured.',
  examples: [
    ['kmc bench link --quick', 'about two minutes: smaller sets, MirrorMaker 2 only as tuned'],
    ['kmc bench link', 'all record shapes, three rounds each; about half an hour'],
    [
      'kmc bench link --shape p1k --rounds 5 --json bench.json',
      'one shape, with every figure as JSON in a file',
    ],
  ],
  configure: (command) =>
    command
      .option('--quick', 'smaller sets, one round, MirrorMaker 2 only as tuned')
      .option(
        '--shape <name>',
        `only this shape, several times for several: ${SHAPES.join(', ')}`,
        collect,
        [],
      )
      .option('--rounds <n>', `how often each is measured (${ROUNDS}; 1 with --quick)`)
      .option('--json <file>', 'write every figure to a file')
      .option('--port <port>', 'the brokers take ports from here on', '22000'),
  stopMs: 15_000,
  run: runLink,
}

function collect(value: string, before: readonly string[]): readonly string[] {
  return [...before, value]
}

async function runLink({ out, signal }: CommandContext, options: LinkOptions): Promise<ExitCode> {
  const quick = options.quick === true
  const unknown = options.shape.find((name) => !SHAPES.includes(name))
  if (unknown !== undefined)
    throw usageError(`--shape: there is no ${unknown}`, `Shapes: ${SHAPES.join(', ')}`)
  const rounds = parseCount(options.rounds ?? String(quick ? 1 : ROUNDS), '--rounds', { min: 1, max: 100 })
  const basePort = parseCount(options.port, '--port', PORT_RANGE)
  const { runLinkBench } = await import('../../../bench/link/run.ts')
  const { printReport } = await import('../../../bench/link/print.ts')
  const note = (text: string) => out.note(text)
  const report = await runLinkBench({ quick, only: options.shape, rounds, basePort, signal, note })
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`)
  await out.value(report, () => {
    for (const line of printReport(report)) out.line(line)
  })
  return Exit.ok
}

type GrowthOptions = {
  readonly case: readonly string[]
  readonly mib: string
  readonly json?: string
  readonly port: string
}

export const benchGrowth: CommandDefinition<GrowthOptions> = {
  description:
    'Measures what an exact link costs when something grows: partitions (1 to 1,000), links (1 to 50), the size of ' +
    'records (100 B to 1 MiB), gaps (to 30 %). One thing grows at a time; CPU seconds per GiB should stay what they ' +
    'are. On two clusters of one broker that it starts and ends on this machine.',
  examples: [
    ['kmc bench growth', 'everything, about six minutes'],
    ["kmc bench growth --case '8 partitions' --case '1000 partitions'", 'two of the cases'],
  ],
  configure: (command) =>
    command
      .option('--case <name>', 'only this case, several times for several', collect, [])
      .option('--mib <n>', 'MiB of records in each case, before compression', '256')
      .option('--json <file>', 'write every figure to a file')
      .option('--port <port>', 'the brokers take ports from here on', '22000'),
  stopMs: 15_000,
  run: runGrowth,
}

async function runGrowth({ out, signal }: CommandContext, options: GrowthOptions): Promise<ExitCode> {
  const { growthCases, runGrowthBench } = await import('../../../bench/link/growth.ts')
  const { printGrowth } = await import('../../../bench/link/growth-print.ts')
  const names = growthCases.map(({ name }) => name)
  const unknown = options.case.find((name) => !names.includes(name))
  if (unknown !== undefined) throw usageError(`--case: there is no ${unknown}`, `Cases: ${names.join(', ')}`)
  const mib = parseCount(options.mib, '--mib', { min: 1, max: 10_000 })
  const basePort = parseCount(options.port, '--port', PORT_RANGE)
  const note = (text: string) => out.note(text)
  const results = await runGrowthBench({ only: options.case, mib, basePort, signal, note })
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(results, null, 2)}\n`)
  await out.value(results, () => {
    for (const line of printGrowth(results)) out.line(line)
  })
  return Exit.ok
}

type GatewayOptions = {
  readonly quick?: true
  readonly rounds?: string
  readonly json?: string
  readonly port: string
}

export const benchGateway: CommandDefinition<GatewayOptions> = {
  description:
    'Measures what the gateway costs: ready batches and Kafka’s own performance tools straight to a broker and ' +
    'through a gateway in turn, single records both ways at once, and 1,000 clients that do nothing. On a cluster of ' +
    'one broker that it starts and ends on this machine. What counts are the ratios; bench/README.md says how each is ' +
    'measured.',
  examples: [
    ['kmc bench gateway --quick', 'a smaller set, one round; about two minutes'],
    ['kmc bench gateway --rounds 5 --json gateway.json', 'with every figure as JSON in a file'],
  ],
  configure: (command) =>
    command
      .option('--quick', 'smaller sets, one round')
      .option('--rounds <n>', `how often each way is measured (${ROUNDS}; 1 with --quick)`)
      .option('--json <file>', 'write every figure to a file')
      .option('--port <port>', 'broker and gateway take ports from here on', '22000'),
  stopMs: 15_000,
  run: runGateway,
}

async function runGateway({ out, signal }: CommandContext, options: GatewayOptions): Promise<ExitCode> {
  const { runGatewayBench } = await import('../../../bench/gateway/run.ts')
  const { printGateway } = await import('../../../bench/gateway/print.ts')
  const quick = options.quick === true
  const rounds = parseCount(options.rounds ?? String(quick ? 1 : ROUNDS), '--rounds', { min: 1, max: 100 })
  const basePort = parseCount(options.port, '--port', PORT_RANGE)
  const note = (text: string) => out.note(text)
  const report = await runGatewayBench({ quick, rounds, basePort, signal, note })
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`)
  await out.value(report, () => {
    for (const line of printGateway(report)) out.line(line)
  })
  return Exit.ok
}

type ServerOptions = {
  readonly quick?: true
  readonly callers: string
  readonly json?: string
  readonly port: string
}

export const benchServer: CommandDefinition<ServerOptions> = {
  description:
    'Measures the API of kmc serve under many callers at once: over three clusters of one broker that it starts and ends on this ' +
    'machine, one with 10,000 topics and 1,000 groups, and once more while another of them hangs. bench/README.md says ' +
    'how each figure is measured.',
  examples: [
    ['kmc bench server --quick', '1,000 topics and 100 groups; about a minute'],
    ['kmc bench server --json server.json', 'with every figure as JSON in a file; about four minutes'],
  ],
  configure: (command) =>
    command
      .option('--quick', '1,000 topics and 100 groups, shorter')
      .option('--callers <n>', 'how many ask at the same time', '200')
      .option('--json <file>', 'write every figure to a file')
      .option('--port <port>', 'brokers and server take ports from here on', '22000'),
  stopMs: 15_000,
  run: runServer,
}

async function runServer({ out, signal }: CommandContext, options: ServerOptions): Promise<ExitCode> {
  const callers = parseCount(options.callers, '--callers', { min: 1, max: 2_000 })
  const basePort = parseCount(options.port, '--port', PORT_RANGE)
  const { runServerBench } = await import('../../../bench/server/run.ts')
  const { printServer } = await import('../../../bench/server/print.ts')
  const note = (text: string) => out.note(text)
  const report = await runServerBench({ quick: options.quick === true, callers, basePort, signal, note })
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`)
  await out.value(report, () => {
    for (const line of printServer(report)) out.line(line)
  })
  return Exit.ok
}

type WireOptions = { readonly time: string }

export const benchWire: CommandDefinition<WireOptions> = {
  description:
    'Measures the hot paths of the protocol codec: nanoseconds of an operation, best of five rounds.',
  examples: [['kmc bench wire --time 100ms', 'a quick look']],
  configure: (command) => command.option('--time <duration>', 'how long each path is measured', '300ms'),
  run: runWire,
}

async function runWire({ out }: CommandContext, options: WireOptions): Promise<ExitCode> {
  const timeMs = parseDuration(options.time, '--time')
  const { benchWire: measure } = await import('../../../bench/wire.ts')
  const columns = [
    { title: 'what', value: (row: Row) => row.what },
    { title: 'ns', value: (row: Row) => row.operationNs, align: 'right' },
    { title: 'ns each', value: (row: Row) => row.unitNs, align: 'right' },
    { title: 'of a', value: (row: Row) => row.unit },
    { title: 'MB/s', value: (row: Row) => row.megabytesPerSecond, align: 'right' },
  ] as const
  await out.rows(measure(timeMs), columns, 'nothing measured')
  return Exit.ok
}

type Row = ReturnType<typeof import('../../../bench/wire.ts').benchWire>[number]
